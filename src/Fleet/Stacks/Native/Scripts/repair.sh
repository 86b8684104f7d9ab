# Finishes what an interrupted installation left. Whatever was asked for then is asked for again in the next step.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a LC_ALL=C
dpkg --force-confold --configure -a </dev/null >/dev/null 2>&1
apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null >/dev/null || exit
# Broken off while it was unpacked: apt touches nothing before such a package is whole again, and essential ones cannot be removed. So it is unpacked once more.
broken=$(dpkg-query -W -f='${Package} ${db:Status-Eflag}\n' | sed -n 's/ reinstreq$//p')
if [ -n "$broken" ]; then
  folder=$(mktemp -d) || exit
  trap 'rm -rf "$folder"' EXIT
  (cd "$folder" && apt-get -qq -o APT::Sandbox::User=root download $broken </dev/null >/dev/null && dpkg --force-confold --force-depends --unpack ./*.deb </dev/null >/dev/null) || exit
fi
apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef --fix-broken install </dev/null >/dev/null || exit
dpkg --force-confold --configure -a </dev/null >/dev/null
