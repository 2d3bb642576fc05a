#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs a script inside a throw-away VM (software emulation, no /dev/kvm needed) that has
#   - a recent Debian kernel (trixie-backports, 7.x), fetched as packages into a cache folder, not installed
#   - this machine's own root file system, read-only over 9p: the very binaries built here run there
#   - two NICs wired back to back whose drivers have real AF_XDP zero-copy: igb or virtio-net
# so that zero-copy, NIC queues, link events and a kernel newer than the host's can be tested anywhere.
#
#   vm.sh [-n igb|virtio] [-t SECONDS] [-m MIB] SCRIPT [ARG...]
#   (-n virtio sets iommu_platform=on: without it virtio-net refuses zero-copy and falls back to copy)
# SCRIPT runs as root in the VM with NIC modules loaded, hugepages mounted, interfaces up, cwd /run (a tmpfs, the only
# writable place besides /dev/shm and /mnt); its exit status is this script's. IF0 and IF1 name the two interfaces.
set -euo pipefail
nic=igb secs=300 mem=3072
while getopts n:t:m: o; do case $o in n) nic=$OPTARG;; t) secs=$OPTARG;; m) mem=$OPTARG;; *) exit 2;; esac; done
shift $((OPTIND-1))
[ $# -ge 1 ] || { sed -n '3,12p' "$0"; exit 2; }
cache=${XSKPMD_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xskpmd-vm}
suite=trixie-backports
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
         grep -oE '[a-z]+://[^ ]*/debian/?( |$)' | head -1 | sed 's#/* *$##' || true)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

need() { command -v "$1" >/dev/null || apt-get install -y --no-install-recommends "$2" >/dev/null; }
need modprobe kmod; need cpio cpio; [ -x /bin/busybox ] || apt-get install -y busybox-static >/dev/null
if ! qemu-system-x86_64 -device help 2>/dev/null | grep -q '"igb"'; then   # igb came with QEMU 8.0
  . /etc/os-release
  echo "deb [signed-by=$keyring] $mirror $VERSION_CODENAME-backports main" > /etc/apt/sources.list.d/xskpmd-vm.list
  apt-get update -qq; apt-get install -y -qq --no-install-recommends -t "$VERSION_CODENAME-backports" qemu-system-x86 >/dev/null
fi

if [ ! -e "$cache/release" ]; then
  d=$cache/apt; mkdir -p "$d/lists/partial" "$d/cache/archives/partial" "$cache/root"
  echo "deb [signed-by=$keyring] $mirror $suite main" > "$d/sources.list"
  o=(-oDir::Etc::sourcelist="$d/sources.list" -oDir::Etc::sourceparts=/dev/null -oDir::State::Lists="$d/lists"
     -oDir::Cache="$d/cache" -oDir::State::status=/dev/null -oAPT::Sandbox::User=root)
  apt-get "${o[@]}" update -qq
  rel=$(apt-cache "${o[@]}" depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-\([0-9].*\)/\1/p' | head -1)
  (cd "$d" && for p in linux-binary-$rel linux-modules-$rel linux-image-$rel; do apt-get "${o[@]}" download -qq "$p" 2>/dev/null || true; done
   for f in ./*.deb; do dpkg -x "$f" "$cache/root"; done; rm -f ./*.deb)
  depmod -b "$cache/root/usr" "$rel" 2>/dev/null
  echo "$rel" > "$cache/release"
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
  chmod +x "$i/init"; (cd "$i" && find . | cpio -o -H newc 2>/dev/null | gzip -1) > "$cache/initrd"; rm -rf "$i"
fi

job=$(mktemp "$cache/job.XXXX"); trap 'rm -f "$job"' EXIT
cat > "$job" <<JOB
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TERM=dumb
cd /run; ip link set lo up
for m in virtio_net igb veth xsk_diag; do modprobe -d '$cache/root/usr' \$m 2>/dev/null; done
n=0; while [ \$(ls /sys/class/net | grep -vc '^lo\$') -lt 2 ] && [ \$n -lt 50 ]; do n=\$((n+1)); sleep 0.1; done
set -- \$(ls /sys/class/net | grep -v '^lo\$'); export IF0=\$1 IF1=\$2
ip link set \$IF0 up; ip link set \$IF1 up
n=0; until [ "\$(cat /sys/class/net/\$IF0/carrier)\$(cat /sys/class/net/\$IF1/carrier)" = 11 ] || [ \$n -gt 100 ]; do n=\$((n+1)); sleep 0.1; done
echo VM_START; $(printf '%q ' "$(realpath "$1")" "${@:2}"); rc=\$?; echo; echo "VM_RC=\$rc"
echo o > /proc/sysrq-trigger; while :; do sleep 1; done
JOB
case $nic in
  igb) dev="igb";; virtio) dev="virtio-net-pci,iommu_platform=on,disable-legacy=on";; *) dev=$nic;;
esac
log=$(mktemp)
timeout "$secs" qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m "$mem" -nographic -no-reboot \
  -kernel "$kernel" -initrd "$cache/initrd" -append "console=ttyS0 quiet panic=1 hugepages=512 job=$job" \
  -fsdev local,id=r,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=r,mount_tag=hostroot \
  -netdev hubport,id=h0,hubid=0 -netdev hubport,id=h1,hubid=0 \
  -device pcie-root-port,id=p0,chassis=1,slot=1 -device pcie-root-port,id=p1,chassis=2,slot=2 \
  -device "$dev,netdev=h0,mac=02:00:00:00:00:01,bus=p0,romfile=" -device "$dev,netdev=h1,mac=02:00:00:00:00:02,bus=p1,romfile=" \
  </dev/null 2>&1 | tr -d '\r' | tee "$log" | sed -u '1,/VM_START/d' | sed -u '/^VM_RC=/q' || true
rc=$(sed -n 's/^VM_RC=\([0-9]*\)/\1/p' "$log" | tail -1); rm -f "$log"
[ -n "$rc" ] || { echo "vm.sh: the VM gave no result within $secs s" >&2; exit 124; }
exit "$rc"
