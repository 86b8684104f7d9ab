#!/bin/bash
# install.sh - the Debian 12 packages of the testbed. Idempotent; as root. Nothing is started, Exim (in conflict with Postfix) is only unpacked.
set -eu
. "$(dirname "$0")/../tools.sh"
need_packages iproute2 procps util-linux adduser ca-certificates openssl curl jq sqlite3 python3 openssh-client bind9-dnsutils bind9 bind9-utils unbound pdns-server pdns-backend-sqlite3 \
  postfix postfix-pcre dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve dovecot-managesieved opendkim dbconfig-no-thanks opendmarc rspamd redis-server postgrey spamassassin spamd spamass-milter \
  pebble libgnutls-dane0 libidn12 libnsl2 libdb5.3 debootstrap systemd-container apt-cacher-ng
. "$(dirname "$0")/lib.sh"
X=$TB/pkg/exim
[ -x "$X/usr/sbin/exim4" ] || { mkdir -p "$X"; cd "$X"; apt-get -q -o APT::Sandbox::User=root download exim4-daemon-light exim4-base; for f in *.deb; do dpkg -x "$f" .; done; }
getent passwd Debian-exim >/dev/null || adduser --system --group --quiet --no-create-home --home /var/spool/exim4 --force-badname Debian-exim
