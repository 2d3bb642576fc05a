#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs a script inside a throw-away VM (software emulation, no /dev/kvm needed) that has
#   - a recent Debian kernel (trixie-backports, 7.x), fetched as packages into a cache folder, not installed
#   - this machine's own root file system, read-only over 9p: the very binaries built here run there
#   - two NICs wired back to back whose drivers have real AF_XDP zero-copy: igb or virtio-net
# so that zero-copy, NIC queues, link events and a kernel newer than the host's can be tested anywhere.
#
#   vm.sh [-n igb|virtio|DEVICE] [-p PAIRS] [-t SECONDS] [-m MIB] SCRIPT [ARG...]
#   vm.sh -c             only fetches what is missing
#   (-n virtio sets iommu_platform=on: without it virtio-net refuses zero-copy and falls back to copy;
#   any other name is a device of QEMU, such as vmxnet3 or e1000e)
# SCRIPT runs as root in the VM with NIC modules loaded, hugepages mounted, interfaces up, cwd /run (a tmpfs, the only
# writable place besides /dev/shm and /mnt); its exit status is this script's. IF0 and IF1 name the two interfaces;
# IFS0 and IFS1 those of all PAIRS. Lines written to $VM_MONITOR are commands for QEMU: "set_link n0.0 off" takes the
# carrier from the first interface of the first pair, n0.1 is the second.
set -euo pipefail
nic=igb pairs=1 secs=300 mem=3072 only_cache=
while getopts cn:p:t:m: o; do case $o in c) only_cache=yes;; n) nic=$OPTARG;; p) pairs=$OPTARG;; t) secs=$OPTARG;; m) mem=$OPTARG;; *) exit 2;; esac; done
shift $((OPTIND-1))
[ $# -ge 1 ] || [ "$only_cache" ] || { sed -n '3,17p' "$0"; exit 2; }
cache=${XSKPMD_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xskpmd-vm}
suite=trixie-backports
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
         grep -oE '[a-z]+://[^ ]*/debian/?( |$)' | head -1 | sed 's#/* *$##' || true)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() { echo "vm.sh: error: $*" >&2; exit 1; }

"$(dirname "$0")/setup.sh" vm
if ! qemu-system-x86_64 -device help 2>/dev/null | grep -q '"igb"'; then   # igb came with QEMU 8.0
  . /etc/os-release
  export DEBIAN_FRONTEND=noninteractive
  dpkg --configure -a >/dev/null
  get=(apt-get -qq); o=()
  "${get[@]}" update || true   # another's source that fails is not ours
  version=$(LC_ALL=C apt-cache policy qemu-system-x86 | sed -n 's/^ *Candidate: //p')
  if dpkg --compare-versions "${version/(none)/0}" lt 1:8.0; then   # Debian 12: from its backports, a source of ours only
    d=$(mktemp -d); trap 'rm -rf "$d"' EXIT; mkdir -p "$d/lists/partial"
    printf "deb [signed-by=$keyring] $mirror %s main\n" "$VERSION_CODENAME" "$VERSION_CODENAME-backports" > "$d/sources.list"
    o=(-oDir::Etc::sourcelist="$d/sources.list" -oDir::Etc::sourceparts=/dev/null -oDir::State::Lists="$d/lists"
       -oAPT::Sandbox::User=root)
    "${get[@]}" "${o[@]}" update || fail "no lists of $VERSION_CODENAME-backports from $mirror"
    o+=(-t "$VERSION_CODENAME-backports")
  fi
  "${get[@]}" "${o[@]}" install -y --no-install-recommends qemu-system-x86 >/dev/null || fail "no QEMU 8.0 or later to be had (mirror: $mirror)"
  qemu-system-x86_64 -device help | grep -q '"igb"' || fail "this QEMU has no igb"
  rm -rf "${d:-}"; trap - EXIT
fi

# The cache: one process at a time makes it. What marks a part of it as whole comes last, by a rename.
mkdir -p "$cache"; exec 8>"$cache/lock"; flock 8
if [ ! -e "$cache/release" ]; then
  rm -rf "$cache/root"
  d=$cache/apt; mkdir -p "$d/lists/partial" "$d/cache/archives/partial" "$cache/root"
  echo "deb [signed-by=$keyring] $mirror $suite main" > "$d/sources.list"
  o=(-oDir::Etc::sourcelist="$d/sources.list" -oDir::Etc::sourceparts=/dev/null -oDir::State::Lists="$d/lists"
     -oDir::Cache="$d/cache" -oDir::State::status=/dev/null -oAPT::Sandbox::User=root)
  apt-get "${o[@]}" update -qq || fail "no lists of $suite from $mirror"
  rel=$(apt-cache "${o[@]}" depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-\([0-9].*\)/\1/p' | head -1)
  (cd "$d" && for p in linux-binary-$rel linux-modules-$rel linux-image-$rel; do apt-get "${o[@]}" download -qq "$p" 2>/dev/null || true; done
   for f in ./*.deb; do dpkg -x "$f" "$cache/root"; done; rm -f ./*.deb)
  [ -n "$rel" ] && [ -e "$cache/root/usr/lib/modules/$rel" ] || fail "no kernel package of $suite from $mirror"
  depmod -b "$cache/root/usr" "$rel" 2>/dev/null
  echo "$rel" > "$cache/release.tmp"; mv "$cache/release.tmp" "$cache/release"
fi
rel=$(cat "$cache/release"); mods=$cache/root/usr/lib/modules/$rel
for kernel in "$mods/vmlinuz" "$cache/root/boot/vmlinuz-$rel"; do [ -e "$kernel" ] && break; done

if [ ! -e "$cache/initrd" ]; then
  i=$(mktemp -d); mkdir -p "$i"/{bin,dev,proc,sys,mod,newroot}; cp /bin/busybox "$i/bin/"
  for m in netfs 9pnet 9pnet_virtio 9p; do xz -dc "$(find "$mods" -name "$m.ko.xz")" > "$i/mod/$m.ko"; done
  cat > "$i/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc none /proc; $b mount -t sysfs none /sys; $b mount -t devtmpfs none /dev
for m in netfs 9pnet 9pnet_virtio 9p; do $b insmod /mod/$m.ko; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 hostroot /newroot
for d in proc sys dev; do $b mount --move /$d /newroot/$d; done
$b mkdir -p /newroot/dev/shm /newroot/dev/pts /newroot/dev/hugepages
for d in run dev/shm mnt var/log; do $b mount -t tmpfs none /newroot/$d; done
$b mount -t hugetlbfs none /newroot/dev/hugepages
job=$($b sed -n 's/.* job=\([^ ]*\).*/\1/p' /proc/cmdline 2>/dev/null || $b sed -n 's/.* job=\([^ ]*\).*/\1/p' /newroot/proc/cmdline)
exec $b switch_root /newroot /bin/bash "$job"
INIT
  chmod +x "$i/init"; (cd "$i" && find . | cpio -o -H newc 2>/dev/null | gzip -1) > "$cache/initrd.tmp"; rm -rf "$i"
  mv "$cache/initrd.tmp" "$cache/initrd"
fi
exec 8>&-
[ -z "$only_cache" ] || exit 0

job=$(mktemp "$cache/job.XXXX"); log=$(mktemp); monitor=$(mktemp -u); trap 'rm -f "$job" "$log" "$monitor"' EXIT
cat > "$job" <<JOB
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TERM=dumb
cd /run; ip link set lo up
for m in virtio_net igb vmxnet3 e1000e veth tun xsk_diag; do modprobe -d '$cache/root/usr' \$m 2>/dev/null; done
# NICs by their addresses: the order of their names is the kernel's own
named() { for d in /sys/class/net/*; do [ "\$(cat \$d/address)" != "\$1" ] || echo \${d##*/}; done; }
carriers() { for d in \$IFS0 \$IFS1; do cat /sys/class/net/\$d/carrier; done 2>/dev/null | grep -c 1; }
n=0; while [ \$(ls /sys/class/net | grep -vc '^lo\$') -lt $((2 * pairs)) ] && [ \$n -lt 100 ]; do n=\$((n+1)); sleep 0.1; done
IFS0= IFS1=
for ((i = 0; i < $pairs; i++)); do IFS0+="\$(named 02:00:00:00:0\$i:01) "; IFS1+="\$(named 02:00:00:00:0\$i:02) "; done
export IFS0 IFS1 IF0=\${IFS0%% *} IF1=\${IFS1%% *}
for d in \$IFS0 \$IFS1; do ip link set \$d up; done
n=0; until [ \$(carriers) = $((2 * pairs)) ] || [ \$n -gt 100 ]; do n=\$((n+1)); sleep 0.1; done
exec 9<>/dev/ttyS1; stty -F /dev/ttyS1 raw -echo
export VM_MONITOR=/dev/ttyS1
echo VM_START; $(printf '%q ' "$(realpath "$1")" "${@:2}") 9>&-; rc=\$?; echo; echo "VM_RC=\$rc"
echo o > /proc/sysrq-trigger; while :; do sleep 1; done
JOB
case $nic in
  igb) dev="igb";; virtio) dev="virtio-net-pci,iommu_platform=on,disable-legacy=on";; *) dev=$nic;;
esac
devices=()
for ((i = 0; i < pairs; i++)); do for end in 0 1; do
  # a root port each: the virtual functions of two igb would share addresses
  devices+=(-netdev "hubport,id=n$i.$end,hubid=$i" -device "pcie-root-port,id=p$i.$end,chassis=$((2 * i + end + 1)),slot=$((2 * i + end + 1))"
    -device "$dev,id=nic$i.$end,netdev=n$i.$end,mac=02:00:00:00:0$i:0$((end + 1)),bus=p$i.$end,romfile=")
done; done
# The second serial port is a client of QEMU's own monitor: what runs inside can pull cables.
setpriv --pdeathsig TERM timeout "$secs" qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m "$mem" -display none -no-reboot \
  -chardev stdio,id=console,signal=off -serial chardev:console \
  -chardev socket,id=monitor,path="$monitor",server=on,wait=off -mon chardev=monitor,mode=readline \
  -chardev socket,id=client,path="$monitor" -serial chardev:client \
  -kernel "$kernel" -initrd "$cache/initrd" -append "console=ttyS0 quiet panic=1 hugepages=512 job=$job" \
  -fsdev local,id=r,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=r,mount_tag=hostroot \
  "${devices[@]}" \
  </dev/null 2>&1 | stdbuf -o0 tr -d '\r' | tee "$log" | sed -u '1,/VM_START/d' | sed -u '/^VM_RC=/q' || true
rc=$(sed -n 's/^VM_RC=\([0-9]*\)/\1/p' "$log" | tail -1)
[ -n "$rc" ] || { tail -n 20 "$log" >&2; echo "vm.sh: the VM gave no result within $secs s" >&2; exit 124; }
exit "$rc"
