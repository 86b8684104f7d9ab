# Installs the packages named as arguments.
set -eu
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a LC_ALL=C
# The package would write a main.cf that nobody uses, and ask.
echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null >/dev/null
exec apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef install --no-install-recommends "$@" </dev/null >/dev/null
