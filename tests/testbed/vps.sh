#!/bin/bash
# vps.sh image | start NAME | stop NAME | reset NAME | ssh NAME CMD... | status      NAME = vps1 (198.18.1.101-103) or vps2 (198.18.1.111)
# A Debian 12 "VPS": real systemd as PID 1 (systemd-nspawn, own pid/mount/uts/ipc namespaces, its network namespace from net.sh),
# sshd on port 22 for root with the key $TB/vps/id_ed25519, apt through an apt-cacher-ng on 198.18.0.1:3142 (so no NAT and no route out is needed).
# The disk is an overlay over one debootstrap tree: `start` gives a virgin machine in ~2 s, `stop` keeps its disk, `reset` throws it away.
. "$(dirname "$0")/lib.sh"; V=$TB/vps; mkdir -p "$V"
IMG=$CACHE/base
# the package archive the host itself uses
SITE=$(apt-get indextargets --format '$(SITE)' | grep -v security | sort -u | head -n 1); SEC=$(apt-get indextargets --format '$(SITE)' | grep security | sort -u | head -n 1)
INC=systemd,systemd-sysv,dbus,openssh-server,iproute2,ca-certificates,procps,curl,sudo,netbase,gpgv,lsb-release
acng() { up acng && return 0; mkdir -p "$V/acng/conf" "$CACHE/packages" "$V/acng/log"
  printf 'CacheDir: %s\nLogDir: %s\nPort: 3142\nBindAddress: %s\nReportPage:\nForeGround: 1\nExThreshold: 4\nPassThroughPattern: .*\nVerboseLog: 0\n' "$CACHE/packages" "$V/acng/log" $HOST_IP > "$V/acng/conf/acng.conf"
  chown -R apt-cacher-ng "$V/acng" "$CACHE/packages"; chmod 755 "$V"; spawn acng - setpriv --reuid apt-cacher-ng --regid apt-cacher-ng --clear-groups apt-cacher-ng -c "$V/acng/conf"; wait_tcp $HOST_IP 3142; }
image() { [ -e "$IMG/etc/debian_version" ] && return 0; acng
  mkdir -p "$CACHE"; rm -rf "$IMG.new"; debootstrap --variant=minbase --include=$INC bookworm "$IMG.new" "http://$HOST_IP:3142/${SITE#*://}" > "$LOG/debootstrap.log" 2>&1 || { tail -5 "$LOG/debootstrap.log" >&2; die debootstrap; }
  printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb %s bookworm-security main\n' "$SITE" "$SITE" "${SEC:-$SITE}" > "$IMG.new/etc/apt/sources.list"
  printf 'Acquire::http::Proxy "http://%s:3142";\nAcquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n' $HOST_IP > "$IMG.new/etc/apt/apt.conf.d/00testbed"
  rm -f "$IMG.new"/etc/ssh/ssh_host_*; printf '127.0.0.1 localhost\n' > "$IMG.new/etc/hosts"
  # what a container does not need; keeps boot at ~1 s
  for u in systemd-networkd.service systemd-resolved.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer getty@tty1.service console-getty.service; do ln -sf /dev/null "$IMG.new/etc/systemd/system/$u"; done
  chroot "$IMG.new" apt-get -q update >>"$LOG/debootstrap.log" 2>&1; chroot "$IMG.new" apt-get clean
  mv "$IMG.new" "$IMG"; }
cg() { local c; for c in systemd unified; do [ -d /sys/fs/cgroup/$c ] && mkdir -p "/sys/fs/cgroup/$c/$P-$1"; done; [ -e /sys/fs/cgroup/cgroup.controllers ] && mkdir -p "/sys/fs/cgroup/$P-$1"; true; }
cgdel() { local c d; for c in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do [ -d "$c/$P-$1" ] && find "$c/$P-$1" -depth -type d -exec rmdir {} \; 2>/dev/null; done; true; }
start() { local n=$1 ip d=$V/$1; case $n in vps1) ip=$IP_VPS1;; vps2) ip=$IP_VPS2;; *) die "no such vps";; esac
  "$HERE/net.sh" up; acng; image; up "$n" && return 0
  mkdir -p "$d"/{upper,work,root}; mountpoint -q "$d/root" || mount -t overlay overlay -o lowerdir="$IMG",upperdir="$d/upper",workdir="$d/work" "$d/root" || die overlay
  [ -s "$V/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -f "$V/id_ed25519"
  if [ ! -e "$d/root/etc/ssh/ssh_host_ed25519_key" ]; then
    echo "$n" > "$d/root/etc/hostname"; printf '127.0.0.1 localhost\n%s %s.platform-host.io %s\n' "$ip" "$n" "$n" > "$d/root/etc/hosts"; echo "nameserver $IP_RES" > "$d/root/etc/resolv.conf"
    install -d -m 700 "$d/root/root/.ssh"; cp "$V/id_ed25519.pub" "$d/root/root/.ssh/authorized_keys"; ssh-keygen -q -A -f "$d/root" ; : > "$d/root/etc/machine-id"
    echo "root:${VPS_PASSWORD:-testbed}" | chroot "$d/root" chpasswd; echo 'PermitRootLogin yes' > "$d/root/etc/ssh/sshd_config.d/testbed.conf"
    mkdir -p "$d/root/usr/local/share/ca-certificates"; "$HERE/ca.sh" init; cp "$CA/ca.pem" "$d/root/usr/local/share/ca-certificates/testbed.crt"; chroot "$d/root" update-ca-certificates >/dev/null 2>&1; fi
  cg "$n"
  # own cgroup per machine: without it every nspawn here would share /payload
  # the wrapper loops because nspawn --keep-unit answers 133 to a `reboot` inside and expects its manager to start it again
  spawn "$n" - bash -c 'for c in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do [ -d $c/'"$P-$n"' ] && echo $$ > $c/'"$P-$n"'/cgroup.procs; done
    stop=0; trap "stop=1; kill -TERM \$k 2>/dev/null" TERM; while :; do "$@" & k=$!; wait $k; r=$?; while kill -0 $k 2>/dev/null; do wait $k; r=$?; done; [ $r = 133 ] && [ $stop = 0 ] || exit 0; done' _ \
    systemd-nspawn --quiet --register=no --keep-unit --machine="$P-$n" --hostname="$n" -D "$d/root" --network-namespace-path="/run/netns/$P-$n" --resolv-conf=off --timezone=off --console=pipe --kill-signal=SIGRTMIN+3 --capability=CAP_NET_ADMIN,CAP_NET_RAW -b
  wait_tcp "$ip" 22 30; }
stop() { local n=$1 d=$V/$1; reap "$n" 15; cgdel "$n"; mountpoint -q "$d/root" && umount "$d/root"; true; }
key() { chmod 600 "$V/id_ed25519"; case $1 in vps1) a=$IP_VPS1;; vps2) a=$IP_VPS2;; esac; shift; ssh -i "$V/id_ed25519" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "root@$a" "$@"; }
case ${1:-} in
image) "$HERE/net.sh" up; image;;
start) start "$2";; stop) stop "$2";;
reset) stop "$2"; rm -rf "${V:?}/${2:?}"/{upper,work};;
ssh) shift; key "$@";;
stop-all) stop vps1; stop vps2; reap acng;;
status) for n in vps1 vps2 acng; do up $n && echo "$n up" || echo "$n down"; done;;
*) echo "usage: $0 image|start|stop|reset|ssh|stop-all|status"; exit 2;; esac
