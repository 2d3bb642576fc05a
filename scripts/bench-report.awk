# SPDX-License-Identifier: BSD-3-Clause
# Samples (part,case,rival,metric,value) -> results.csv, the tables of results.md, SVG pictures; see bench-report.sh.
# Several lines of one key are the rounds of one measurement.

BEGIN {
	FS = ","
	us = "net_xskpmd"
	them = "net_af_xdp"
	best = "net_af_xdp busy_budget=0"
	md = out "/results.md"
	csv = out "/results.csv"
}

NR == 1 && $1 == "part" { next }
NF == 5 {
	key = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4
	if (!(key in count)) {
		keys[++nb_keys] = key
		note($1, "case", $2)
		note($1, "rival", $3)
	}
	sample[key, ++count[key]] = $5
}

# Remembers the names of a part in the order they came in.
function note(part, kind, name) {
	if ((part, kind, "has", name) in list)
		return
	list[part, kind, "has", name] = 1
	list[part, kind, ++list[part, kind, "n"]] = name
}

# ---- numbers ----

# Of v[1..n], which is sorted on the way.
function quantile(v, n, part,    i, j, x) {
	for (i = 2; i <= n; i++) {
		x = v[i]
		for (j = i - 1; j >= 1 && v[j] > x; j--)
			v[j + 1] = v[j]
		v[j + 1] = x
	}
	if (part == 0.5 && n % 2 == 0)
		return (v[n / 2] + v[n / 2 + 1]) / 2
	return v[int((n - 1) * part + 1.5)]
}

function of_key(key, part,    v, i) {
	for (i = 1; i <= count[key]; i++)
		v[i] = sample[key, i] + 0
	return quantile(v, count[key], part)
}

function has(part, name, rival, metric) { return (part SUBSEP name SUBSEP rival SUBSEP metric) in count }
function median(part, name, rival, metric) { return of_key(part SUBSEP name SUBSEP rival SUBSEP metric, 0.5) }

function highest(part, name, rival, metric) { return of_key(part SUBSEP name SUBSEP rival SUBSEP metric, 1) }

# Ours over the rival's: the median of the rounds' own ratios, as a round's measurements were neighbours.
function ratio(part, name, rival, metric,    a, b, v, i, n) {
	if (!has(part, name, us, metric) || !has(part, name, rival, metric))
		return "-"
	a = part SUBSEP name SUBSEP us SUBSEP metric
	b = part SUBSEP name SUBSEP rival SUBSEP metric
	if (count[a] == count[b]) {
		for (i = 1; i <= count[a]; i++)
			if (sample[b, i] > 0)
				v[++n] = sample[a, i] / sample[b, i]
		if (n > 0)
			return quantile(v, n, 0.5)
	}
	return median(part, name, rival, metric) > 0 ? \
		median(part, name, us, metric) / median(part, name, rival, metric) : "-"
}

function short(x) { return x == "-" ? x : x >= 1e5 ? sprintf("%.3f M", x / 1e6) : sprintf("%.1f", x) }
function two(x) { return x == "-" ? x : sprintf("%.2f", x) }

# ---- tables ----

# A row per case that begins with prefix, a column per rival; in brackets ours over that rival's.
function table(part, metric, prefix,    i, j, line, rule, name, rival, r, any) {
	line = "| |"
	rule = "|---|"
	for (j = 1; j <= list[part, "rival", "n"]; j++) {
		line = line " " list[part, "rival", j] " |"
		rule = rule "--:|"
	}
	print line "\n" rule >> md
	for (i = 1; i <= list[part, "case", "n"]; i++) {
		name = list[part, "case", i]
		if (index(name, prefix) != 1)
			continue
		line = "| " substr(name, length(prefix) + 1) " |"
		any = 0
		for (j = 1; j <= list[part, "rival", "n"]; j++) {
			rival = list[part, "rival", j]
			if (!has(part, name, rival, metric)) {
				line = line " - |"
				continue
			}
			any = 1
			r = rival == us || metric ~ /_kernel$/ ? "-" : ratio(part, name, rival, metric)
			line = line " " short(median(part, name, rival, metric)) (r == "-" ? "" : " (" two(r) ")") " |"
		}
		if (any)
			print line >> md
	}
	print "" >> md
}

function section(title, text, picture) {
	print "## " title "\n\n" text "\n" >> md
	if (picture != "")
		print "![" title "](" picture ")\n" >> md
}

# One driver against its second instance
function noise_row(text, driver,    i, name, a, b) {
	for (i = 1; i <= list["noise", "case", "n"]; i++) {
		name = list["noise", "case", i]
		a = median("noise", name, driver, "cycles")
		b = median("noise", name, driver "#1", "cycles")
		text = text sprintf("%s %s: %.1f and %.1f (%+.1f %%)", i > 1 ? ";" : "", name, a, b, (b / a - 1) * 100)
	}
	print "* " driver ":" text "\n" >> md
}

function present(part) { return list[part, "case", "n"] > 0 }

# ---- what must be reached ----

function must(row, how, wanted, measured,    reached) {
	reached = measured == "-" ? "not measured" : \
		(how == "<=" ? measured <= wanted : measured >= wanted) ? "yes" : "NO"
	print "| " row " | " how " " sprintf("%.2f", wanted) " | " (measured == "-" ? "-" : sprintf("%.3f", measured)) " | " reached " |" >> md
}

# The worse of two ratios; better: "less" or "more"
function worse(a, b, better) {
	if (a == "-" || b == "-")
		return a == "-" ? b : a
	return (better == "less") == (a > b) ? a : b
}

# Against every setting of net_af_xdp that was measured
function against_best(part, name, metric, better,    j, w) {
	w = "-"
	for (j = 1; j <= list[part, "rival", "n"]; j++)
		if (index(list[part, "rival", j], them) == 1)
			w = worse(w, ratio(part, name, list[part, "rival", j], metric), better)
	return w
}

function all_must(    i, w, m, n, modes, nics) {
	section("Must reach", "Ours over net_af_xdp in the same run: cycles and latency want less, packets want more.", "")
	print "| row | wanted | measured | reached |\n|---|---|--:|---|" >> md
	must("ideal NIC, fwd, burst 32: rx + tx cycles per packet", "<=", 0.55, ratio("ring", "hot fwd 32", them, "cycles"))
	must("ideal NIC, rx, burst 32", "<=", 0.70, ratio("ring", "hot rx 32", them, "cycles"))
	must("ideal NIC, tx, burst 32", "<=", 0.45, ratio("ring", "hot tx 32", them, "cycles"))
	n = split("rx tx fwd", modes, " ")
	w = "-"
	for (i = 1; i <= n; i++)
		for (m = 1; m <= 4; m += 3)
			w = worse(w, ratio("ring", "hot " modes[i] " " m, them, "cycles"), "less")
	must("ideal NIC, any mode, burst 4 and 1: the worst", "<=", 0.90, w)
	n = split("tx rx fwd", modes, " ")
	for (i = 1; i <= n; i++)
		must("veth " modes[i] ", default setting of both", ">=", modes[i] == "rx" ? 1.2 : 1, ratio("veth", modes[i], them, "pps"))
	for (i = 1; i <= n; i++)
		must("veth " modes[i] ", net_af_xdp's best setting", ">=", 1, against_best("veth", modes[i], "pps", "more"))
	n = split("igb virtio", nics, " ")
	for (i = 1; i <= n; i++) {
		must("VM zero-copy " nics[i] ": packets, net_af_xdp's best setting", ">=", 1, against_best("vm", nics[i], "packets", "more"))
		must("VM zero-copy " nics[i] ": seconds without a packet", "<=", 0, \
			has("vm", nics[i], us, "stalled") ? highest("vm", nics[i], us, "stalled") : "-")
	}
	must("latency p50, default setting of both", "<=", 1, ratio("rtt", "p50", them, "us"))
	must("latency p99, default setting of both", "<=", 1, ratio("rtt", "p99", them, "us"))
	must("latency p50, net_af_xdp's best setting", "<=", 1, against_best("rtt", "p50", "us", "less"))
	must("latency p99, net_af_xdp's best setting", "<=", 1, against_best("rtt", "p99", "us", "less"))
	print "" >> md
}

# ---- pictures ----

function xml(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	return s
}

# A group of bars per case that begins with prefix and does not match skip, a bar per rival.
# The unit is the metric's value over scale.
function chart(file, title, unit, part, metric, prefix, scale, skip,
		i, j, name, rival, v, top, n, m, w, bar, x, y, h, colors, nc) {
	nc = split("#1f77b4 #d62728 #ff9896 #2ca02c #9467bd #8c564b #e377c2 #7f7f7f", colors, " ")
	m = list[part, "rival", "n"]
	for (i = 1; i <= list[part, "case", "n"]; i++) {
		name = list[part, "case", i]
		if (index(name, prefix) != 1 || name ~ skip)
			continue
		n++
		for (j = 1; j <= m; j++)
			if (has(part, name, list[part, "rival", j], metric)) {
				v = median(part, name, list[part, "rival", j], metric) / scale
				top = v > top ? v : top
			}
	}
	if (n == 0 || top == 0)
		return
	bar = int(600 / (n * (m + 1)))
	bar = bar > 40 ? 40 : bar < 6 ? 6 : bar
	w = n * (m + 1) * bar
	h = 240
	file = out "/" file
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" (w + 290) "\" height=\"" (h + 80) \
		"\" font-family=\"sans-serif\" font-size=\"11\">" > file
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>" > file
	print "<text x=\"50\" y=\"18\" font-size=\"14\">" xml(title ", " unit) "</text>" > file
	for (i = 0; i <= 4; i++) {
		y = 40 + h - h * i / 4
		print "<line x1=\"50\" x2=\"" (50 + w) "\" y1=\"" y "\" y2=\"" y "\" stroke=\"#ddd\"/>" > file
		print "<text x=\"46\" y=\"" (y + 4) "\" text-anchor=\"end\">" \
			sprintf(top < 10 ? "%.2f" : "%.0f", top * i / 4) "</text>" > file
	}
	n = 0
	for (i = 1; i <= list[part, "case", "n"]; i++) {
		name = list[part, "case", i]
		if (index(name, prefix) != 1 || name ~ skip)
			continue
		for (j = 1; j <= m; j++) {
			rival = list[part, "rival", j]
			if (!has(part, name, rival, metric))
				continue
			v = median(part, name, rival, metric) / scale
			x = 50 + (n * (m + 1) + j - 0.5) * bar
			print "<rect x=\"" x "\" y=\"" (40 + h - h * v / top) "\" width=\"" (bar - 1) "\" height=\"" \
				(h * v / top) "\" fill=\"" colors[(j - 1) % nc + 1] "\"><title>" xml(rival) ": " \
				short(v) "</title></rect>" > file
		}
		print "<text x=\"" (50 + (n * (m + 1) + (m + 1) / 2) * bar) "\" y=\"" (h + 56) \
			"\" text-anchor=\"middle\">" xml(substr(name, length(prefix) + 1)) "</text>" > file
		n++
	}
	for (j = 1; j <= m; j++) {
		y = 30 + 18 * j
		print "<rect x=\"" (w + 65) "\" y=\"" y "\" width=\"12\" height=\"12\" fill=\"" \
			colors[(j - 1) % nc + 1] "\"/><text x=\"" (w + 82) "\" y=\"" (y + 10) "\">" \
			xml(list[part, "rival", j]) "</text>" > file
	}
	print "</svg>" > file
	close(file)
}

# ---- the page ----

function write_csv(    i, f) {
	print "part,case,rival,metric,median,lowest,highest,rounds,ours_over_this" > csv
	for (i = 1; i <= nb_keys; i++) {
		split(keys[i], f, SUBSEP)
		print f[1] "," f[2] "," f[3] "," f[4] "," of_key(keys[i], 0.5) "," of_key(keys[i], 0) "," \
			of_key(keys[i], 1) "," count[keys[i]] "," two(ratio(f[1], f[2], f[3], f[4])) > csv
	}
}

function ring_part(prefix, title, text) {
	chart("ring-" prefix ".svg", "Ideal NIC, " title, "cycles per packet", "ring", "cycles", prefix " ", 1, " 1$")
	section("Ideal NIC, " title, text, "ring-" prefix ".svg")
	table("ring", "cycles", prefix " ")
}

END {
	write_csv()
	all_must()
	print "In the tables below the number in brackets is ours over that rival's.\n" >> md
	if (present("ring")) {
		ring_part("hot", "hot cache", "TSC cycles per packet in user space by mode and packets per burst, " \
			"64-byte packets. The kernel is taken out: see app/test-xsk/bench/ideal_nic.c.")
		ring_part("cold", "caches cold", "As above, but before each burst the tool walks through twice the L2 cache.")
		ring_part("hot-zc", "zero-copy granted", "As the first, but the NIC says that it has zero-copy.")
	}
	if (present("noise")) {
		section("Noise", "Two instances of each driver measured against one another, hot cache: " \
			"a difference smaller than theirs means nothing.", "")
		noise_row("", them)
		noise_row("", us)
	}
	if (present("queues")) {
		chart("queues.svg", "Ideal NIC, queues of one port", "cycles per packet", "queues", "cycles", "", 1, "^$")
		section("More queues", "fwd, burst 32: one lcore over N queues of one port, cycles per packet.", "queues.svg")
		table("queues", "cycles", "")
	}
	if (present("ports")) {
		chart("ports.svg", "Ideal NIC, ports", "cycles per packet", "ports", "cycles", "", 1, "^$")
		section("More ports", "fwd, burst 32: one lcore over N ports, cycles per packet.", "ports.svg")
		table("ports", "cycles", "")
	}
	if (present("veth")) {
		chart("veth.svg", "veth, 64-byte packets", "Mpps", "veth", "pps", "", 1e6, "^$")
		section("veth end to end", veth_text(), "veth.svg")
		table("veth", "pps", "")
		print "Where the time goes, per cent of a processor: the flood's in the kernel, which is where the packet is " \
			"handed to XDP and copied (rx: if that is all of it, no receiver gets more); testpmd's lcore in the " \
			"kernel, the rest is user space.\n" >> md
		print "The flood's processor, in the kernel:\n" >> md
		table("veth", "peer_kernel", "")
		print "The lcore's processor, in the kernel:\n" >> md
		table("veth", "lcore_kernel", "")
	}
	if (present("rtt")) {
		chart("rtt.svg", "Round trip through macswap", "us", "rtt", "us", "", 1, "99.9")
		section("Round trip", "One packet in flight from a busy-polling packet socket through macswap and back, " \
			"microseconds.", "rtt.svg")
		table("rtt", "us", "")
	}
	if (present("vm")) {
		chart("vm.svg", "Zero-copy in the VM, 6 s", "million packets", "vm", "packets", "", 1e6, "^$")
		section("Zero-copy in a virtual machine", "txonly to rxonly over two NICs wired back to back, " \
			"packets received. The processor is emulated in software: only the ratios mean something.", "vm.svg")
		table("vm", "packets", "")
		print "Of the packets that the sender had ready, the share that found its Tx ring full, per cent: where it is high, " \
			"the emulated NICs and wire are what everybody waits for.\n" >> md
		table("vm", "refused", "")
		print "Packets that the receiver missed, as its driver counts them: net_xskpmd also those that found its Rx ring " \
			"full, net_af_xdp without them.\n" >> md
		table("vm", "missed", "")
	}
}

function veth_text() {
	return "Packets per second, 64 bytes. tx: what the peer device received, and dropped in XDP; rx: what the " \
		"application received of the flood of a packet socket; fwd: what came back of it. xdp-frames: the flood " \
		"are XDP frames, which skip the socket buffer and need XDP in the receiver. The testpmd of each driver " \
		"is the same, on the first CPU; the flood is on the second."
}
