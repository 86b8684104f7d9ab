# Finishes what an interrupted installation left. Whatever was asked for then is asked for again in the next step.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a LC_ALL=C
dpkg --force-confold --configure -a </dev/null >/dev/null || true
exec apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef --fix-broken install </dev/null >/dev/null
