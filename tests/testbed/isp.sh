#!/bin/bash
# isp.sh start|stop|status [isp1 isp2 isp3 isp4] ; isp.sh limit ispN MSGS_PER_MIN (0 = off)
#   isp1 bigmail.com  198.18.2.10  Postfix + Rspamd (SPF DKIM DMARC, DNSBL, spam header, DMARC reports) + Redis + Dovecot + Sieve; in-session refusals
#   isp2 outmail.net  198.18.2.20  Postfix + OpenDKIM(verify) + OpenDMARC(SPF+DMARC, rejects) + SpamAssassin + Dovecot; refuses no-PTR; bounces AFTER accepting (DSN)
#   isp3 oldhost.org  198.18.2.30  Exim 4.96 (unpacked .deb) - other reply texts, other DSN shape; maildir read through Dovecot
#   isp4 puffy.net    198.18.2.40  OpenSMTPD (unpacked by tests/peers, in a root of its own), mail laid down through Dovecot's LMTP; no greylisting, no filters
# people (password "secret") at each domain: u1..u50 are plain inboxes; the special ones are in README.md
. "$(dirname "$0")/mta.sh"
CUSTOMERS="direct-co.com hosted-co.com" # Companies whose mailboxes anna@ and ben@ lie at isp1.
BOXES="$(for i in $(seq 50); do echo u$i; done) full quota grey ooo late blocked tempfail drop disabled postmaster dmarc abuse persona fbl"
mkuser() { local dom=$1 b; for b in $BOXES; do [ "$b" = late ] && continue; case $b in full) echo "$b@$dom secret 1B";; *) echo "$b@$dom secret";; esac; done; }
boxes() { local dom=$1 b; for b in $BOXES; do echo "$b@$dom x"; done; }
sieve_user() { local n=$1 dom=$2 h=$TB/$1/mail/ooo@$2; mkdir -p "$h"; cat > "$h/.dovecot.sieve" <<'C'
require ["vacation","vacation-seconds"];
vacation :seconds 1 :subject "Out of office: back on Monday" "I am out of the office until Monday and will answer then.";
C
  chown -R mail:mail "$h"; }
behave() { cat <<'C'
/^blocked@/   554 5.7.1 Message rejected due to local policy. See https://postmaster.example/blocked
/^tempfail@/  451 4.3.0 Temporary server error, please try again later
/^drop@/      421 4.7.0 Try again later, closing connection
/^disabled@/  550 5.2.1 The email account that you tried to reach is disabled
/^grey[@+]/   greylist_me
C
}
isp1() { local n=isp1 dom=bigmail.com h=mx.bigmail.com D=$TB/isp1 ip=$IP_ISP1
  "$HERE/ca.sh" issue $n "$h,imap.$dom,$dom,$ip"
  { mkuser $dom; for c in $CUSTOMERS; do printf '%s\n' "anna@$c secret" "ben@$c secret"; done; } | dc_make $n $h $ip; sieve_user $n $dom
  pf_make $n $h $ip <<C
virtual_mailbox_domains = $dom, ${CUSTOMERS// /, }
virtual_mailbox_maps = hash:$D/postfix/etc/boxes
virtual_transport = lmtp:unix:$D/dovecot/run/lmtp-postfix
smtpd_restriction_classes = greylist_me
greylist_me = check_policy_service inet:127.0.0.1:10023
smtpd_delay_reject = yes
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, reject_unlisted_recipient, reject_rbl_client zen.spamhaus.org, check_recipient_access pcre:$D/postfix/etc/behave,
  check_policy_service unix:$D/dovecot/run/quota-policy
milter_protocol = 6
milter_default_action = tempfail
milter_mail_macros = i {mail_addr} {client_addr} {client_name} {auth_authen}
smtpd_milters = inet:127.0.0.1:11332
non_smtpd_milters = inet:127.0.0.1:11332
message_size_limit = 26214400
C
  { boxes $dom; for c in $CUSTOMERS; do printf '%s x\n' "anna@$c" "ben@$c"; done; } > "$D/postfix/etc/boxes"; behave > "$D/postfix/etc/behave"; ns $n postmap -c "$D/postfix/etc" "hash:$D/postfix/etc/boxes"
  local R=$D/rspamd; mkdir -p "$R"/{local.d,override.d,db,run,log} "$D/redis" "$D/postgrey"; chown -R _rspamd "$R"; chown redis "$D/redis"; chown postgrey "$D/postgrey"
  [ -s "$R/dkim.key" ] || { openssl genrsa -out "$R/dkim.key" 2048 2>/dev/null; chown _rspamd "$R/dkim.key"; }
  local k; k=$(openssl rsa -in "$R/dkim.key" -pubout -outform der 2>/dev/null | base64 -w0); rr $dom mail._domainkey.$dom TXT 30 "\"v=DKIM1; k=rsa; p=${k:0:200}\" \"${k:200}\""
  printf 'dns { nameserver = ["%s"]; timeout = 1s; retransmits = 2; }\nlocal_addrs = "127.0.0.0/8";\nenable_test_patterns = true;\n' $IP_RES > "$R/local.d/options.inc"
  printf 'type = "console"; level = "info";\n' > "$R/local.d/logging.inc"
  printf 'bind_socket = "127.0.0.1:11333"; count = 1;\n' > "$R/local.d/worker-normal.inc"
  printf 'bind_socket = "%s:11334"; bind_socket = "127.0.0.1:11334"; password = "secret"; enable_password = "secret"; secure_ip = "198.18.0.1"; secure_ip = "127.0.0.1"; count = 1;\n' $ip > "$R/local.d/worker-controller.inc"
  printf 'bind_socket = "127.0.0.1:11332"; count = 1; upstream "local" { default = yes; self_scan = yes; }\n' > "$R/local.d/worker-proxy.inc"
  printf 'enabled = false;\n' > "$R/local.d/worker-fuzzy.inc"
  printf 'servers = "127.0.0.1:6379";\n' > "$R/local.d/redis.conf"
  printf 'use = ["authentication-results","spam-header","x-spamd-bar","x-spam-level","x-spamd-result"];\nskip_authenticated = false;\nroutines { spam-header { header = "X-Spam"; value = "Yes"; remove = 0; } authentication-results { header = "Authentication-Results"; add_smtp_user = false; } }\n' > "$R/local.d/milter_headers.conf"
  printf 'reject = 15; add_header = 6; greylist = null; rewrite_subject = null;\n' > "$R/override.d/actions.conf"
  printf 'spf_cache_size = 0;\n' > "$R/local.d/spf.conf"      # else a changed SPF record is ignored for minutes (min_cache_ttl)
  printf 'enabled = false;\n' | tee "$R/override.d/fuzzy_check.conf" "$R/override.d/greylist.conf" "$R/override.d/ratelimit.conf" >/dev/null
  printf 'actions { quarantine = "add_header"; reject = "reject"; }\nreporting { enabled = true; email = "dmarc@%s"; domain = "%s"; org_name = "Bigmail"; smtp = "127.0.0.1"; smtp_port = 25; helo = "%s"; from_name = "Bigmail DMARC"; only_domains = ""; }\n' $dom $dom $h | sed 's/ only_domains = "";//' > "$R/local.d/dmarc.conf"
  printf 'sign_authenticated = true; sign_local = true; use_domain = "header"; domain { %s { path = "%s"; selector = "mail"; } }\n' $dom "$R/dkim.key" > "$R/local.d/dkim_signing.conf"
  spawn $n-redis $n setpriv --reuid redis --regid redis --clear-groups redis-server --bind 127.0.0.1 --port 6379 --dir "$D/redis" --save "" --appendonly no --daemonize no
  spawn $n-rspamd $n rspamd -f -u _rspamd -g _rspamd -c /etc/rspamd/rspamd.conf --var=LOCAL_CONFDIR="$R" --var=DBDIR="$R/db" --var=RUNDIR="$R/run" --var=LOGDIR="$R/log"
  spawn $n-postgrey $n postgrey --inet=127.0.0.1:10023 --delay=8 --dbdir="$D/postgrey" --pidfile="$D/postgrey/pid" --greylist-action="451 4.7.1" --greylist-text="Greylisted, please try again later" --user=postgrey --group=postgrey
  dc_start $n; pf_start $n; wait_tcp $ip 25; wait_tcp $ip 993; wait_tcp $ip 11334 30; }
isp2() { local n=isp2 dom=outmail.net h=mx.outmail.net D=$TB/isp2 ip=$IP_ISP2
  "$HERE/ca.sh" issue $n "$h,imap.$dom,$dom,$ip"
  mkuser $dom | dc_make $n $h $ip; sieve_user $n $dom
  pf_make $n $h $ip <<C
virtual_mailbox_domains = $dom
virtual_mailbox_maps = hash:$D/postfix/etc/boxes
virtual_transport = lmtp:unix:$D/dovecot/run/lmtp-postfix
smtpd_restriction_classes = greylist_me
greylist_me = permit
unknown_client_reject_code = 550
smtpd_client_restrictions = permit_mynetworks, reject_unknown_reverse_client_hostname
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, check_recipient_access pcre:$D/postfix/etc/behave
milter_protocol = 6
milter_default_action = tempfail
milter_connect_macros = j {daemon_name} v _ {client_addr} {client_name}
smtpd_milters = unix:$D/opendkim/sock, unix:$D/opendmarc/sock, unix:$D/sa/milter.sock
C
  boxes $dom > "$D/postfix/etc/boxes"; behave > "$D/postfix/etc/behave"; ns $n postmap -c "$D/postfix/etc" "hash:$D/postfix/etc/boxes"
  mkdir -p "$D"/{opendkim,opendmarc,sa/home,sa/run}; chown opendkim "$D/opendkim"; chown opendmarc "$D/opendmarc"; chown -R debian-spamd "$D/sa"; chmod 755 "$D"/{opendkim,opendmarc,sa}
  printf 'UserID opendkim\nSocket local:%s/opendkim/sock\nUMask 000\nMode v\nAuthservID %s\nNameservers %s\nBackground no\nAlwaysAddARHeader yes\n' "$D" $h $IP_RES > "$D/opendkim/opendkim.conf"
  cat > "$D/opendmarc/opendmarc.conf" <<C
Socket local:$D/opendmarc/sock
UserID opendmarc
UMask 000
AuthservID $h
TrustedAuthservIDs $h
RejectFailures true
SPFSelfValidate true
SPFIgnoreResults false
HistoryFile $D/opendmarc/history
RecordAllMessages true
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
IgnoreHosts $D/opendmarc/ignore
SoftwareHeader true
Background false
C
  printf '127.0.0.1\n' > "$D/opendmarc/ignore"
  # site rules only; network tests through the testbed resolver; no Bayes
  mkdir -p "$D/sa/etc"; cp -n /etc/spamassassin/*.pre "$D/sa/etc/" 2>/dev/null; printf 'required_score 5.0\nuse_bayes 0\ndns_server %s\nskip_rbl_checks 0\nreport_safe 0\ntrusted_networks 127.0.0.0/8\ninternal_networks 127.0.0.0/8\nbody TB_SPAMMY /TESTBED-SPAMMY/\nscore TB_SPAMMY 7\n' $IP_RES > "$D/sa/etc/local.cf"
  spawn $n-opendkim $n opendkim -f -x "$D/opendkim/opendkim.conf"
  spawn $n-opendmarc $n opendmarc -f -c "$D/opendmarc/opendmarc.conf"
  spawn $n-spamd $n spamd --siteconfigpath="$D/sa/etc" -u debian-spamd -H "$D/sa/home" --listen 127.0.0.1:783 --listen $ip:783 -A 127.0.0.1,198.18.0.1 --min-children=1 --max-children=2 -s stderr
  wait_tcp $ip 783 30
  spawn $n-samilter $n setpriv --reuid debian-spamd --regid debian-spamd --clear-groups spamass-milter -p "$D/sa/milter.sock" -r 15 -i 127.0.0.1 -- -d 127.0.0.1 -p 783
  for i in $(seq 50); do [ -S "$D/sa/milter.sock" ] && break; sleep 0.1; done; chmod 666 "$D/sa/milter.sock"
  dc_start $n; pf_start $n; wait_tcp $ip 25; wait_tcp $ip 993; }
isp3() { local n=isp3 dom=oldhost.org h=mx.oldhost.org D=$TB/isp3 ip=$IP_ISP3 X=$TB/pkg/exim
  "$HERE/ca.sh" selfsigned $n $h                                     # on purpose: a certificate nobody can verify
  [ -x "$X/usr/sbin/exim4" ] || "$HERE/install.sh" filter >>"$LOG/isp3-exim.log" 2>&1 || die "no exim: run install.sh"
  mkuser $dom | dc_make $n $h $ip; sieve_user $n $dom
  mkdir -p "$D/exim"/{spool,log}; chown -R Debian-exim "$D/exim/spool" "$D/exim/log"; chown root:root "$D/exim"; rm -f "$D/exim/exim.conf"; boxes $dom | awk '{sub(/@.*/,"",$1); print $1": x"}' > "$D/exim/boxes"; cp "$CA/$n.key" "$D/exim/tls.key"; chown root:Debian-exim "$D/exim/tls.key"; chmod 640 "$D/exim/tls.key"
  cat > "$D/exim/exim.conf" <<C
spool_directory = $D/exim/spool
log_file_path = $D/exim/log/%slog
pid_file_path = $D/exim/exim.pid
keep_environment =
exim_path = $X/usr/sbin/exim4
primary_hostname = $h
qualify_domain = $dom
domainlist local_domains = $dom
hostlist relay_from_hosts = 127.0.0.1 : 198.18.0.1
local_interfaces = $ip.25 : 127.0.0.1.25
disable_ipv6 = true
dns_dnssec_ok = 0
tls_advertise_hosts = *
tls_certificate = $CA/$n.pem
tls_privatekey = $D/exim/tls.key
tls_on_connect_ports =
smtp_banner = \$smtp_active_hostname ESMTP
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
never_users =
trusted_users = mail
rfc1413_query_timeout = 0s
bounce_return_size_limit = 20K
dsn_advertise_hosts = *
begin acl
acl_rcpt:
  deny   local_parts = blocked
         message = JunkMail rejected - \$sender_fullhost is in an RBL, see http://www.spamhaus.org/query/bl?ip=\$sender_host_address
  defer  local_parts = tempfail
         message = Temporary local problem - please try later
  drop   local_parts = drop
         message = Too many connections
  deny   local_parts = disabled
         message = This account has been disabled or discontinued
  deny   local_parts = quota
         message = 552 5.2.2 Mailbox size limit exceeded
  # greylist: first contact of a (host, sender, recipient) is deferred, the retry after 8 s is let in
  defer  local_parts = grey : \N^grey\+\N
         condition = \${if !exists{$D/exim/spool/grey_\${md5:\$sender_host_address\$sender_address\$local_part}}}
         set acl_c_x = \${run{/usr/bin/touch $D/exim/spool/grey_\${md5:\$sender_host_address\$sender_address\$local_part}}}
         message = 451 4.7.1 Greylisted, please try again in 8 seconds
  deny   domains = +local_domains
         ! verify = recipient
         message = No Such User Here
  accept domains = +local_domains
  accept hosts = +relay_from_hosts
  deny message = relay not permitted
acl_data:
  warn add_header = :at_start:\${authresults {$h}}
  accept
begin routers
boxes:
  driver = accept
  domains = +local_domains
  local_part_suffix = +*
  local_part_suffix_optional
  condition = \${lookup{\$local_part}lsearch{$D/exim/boxes}{true}{false}}
  transport = lmtp
  cannot_route_message = Unrouteable address
remote:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  no_more
begin transports
lmtp:
  driver = lmtp
  socket = $D/dovecot/run/lmtp-postfix
  user = mail
remote_smtp:
  driver = smtp
begin retry
* * F,1m,5s
begin rewrite
begin authenticators
C
  # Exim drops root when re-executed with -C unless the path is listed here (compiled-in file name)
  mkdir -p /etc/exim4; grep -qxF "$D/exim/exim.conf" /etc/exim4/trusted_configs 2>/dev/null || echo "$D/exim/exim.conf" >> /etc/exim4/trusted_configs
  spawn $n-exim $n "$X/usr/sbin/exim4" -C "$D/exim/exim.conf" -bdf -q5s
  dc_start $n; wait_tcp $ip 25; wait_tcp $ip 993; }
isp4() { local n=isp4 dom=puffy.net h=mx.puffy.net D=$TB/isp4 ip=$IP_ISP4 R=$TB/isp4/root from=$HERE/../../artifacts/peers/root u
  "$HERE/ca.sh" issue $n "$h,imap.$dom,$dom,$ip"
  [ -x "$from/usr/sbin/smtpd" ] || "$HERE/../peers" >>"$LOG/isp4-smtpd.log" 2>&1 || die "no OpenSMTPD: run tests/peers"
  mkuser $dom | dc_make $n $h $ip; sieve_user $n $dom
  # OpenSMTPD hands over by LMTP over TCP only.
  printf 'service lmtp {\n  inet_listener lmtp {\n    address = 127.0.0.1\n    port = 24\n  }\n}\n' >> "$D/dovecot/dovecot.conf"
  rm -rf "$R"; cp -a "$from" "$R"; mkdir -p "$R"/{dev,tmp,run,proc,var/log,var/spool/smtpd}; chmod 1777 "$R/tmp"; chmod 711 "$R/var/spool/smtpd"
  [ -e "$R/var/run" ] || ln -s /run "$R/var/run"
  for u in null:3 zero:5 random:8 urandom:9; do mknod -m 666 "$R/dev/${u%:*}" c 1 "${u#*:}"; done
  printf 'root:x:0:0::/:/bin/false\nmail:x:8:8::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\nopensmtpd:x:61002:61002::/var/lib/opensmtpd/empty:/bin/false\nopensmtpq:x:61003:61003::/:/bin/false\n' > "$R/etc/passwd"
  awk -F: '{print $1":x:"$4":"}' "$R/etc/passwd" > "$R/etc/group"; printf 'passwd: files\ngroup: files\nhosts: files dns\n' > "$R/etc/nsswitch.conf"
  printf '127.0.0.1 localhost\n' > "$R/etc/hosts"; printf 'smtp 25/tcp\n' > "$R/etc/services"; printf 'nameserver %s\n' $IP_RES > "$R/etc/resolv.conf"; echo $h > "$R/etc/mailname"
  cp "$CA/$n.pem" "$R/etc/tls.pem"; cp "$CA/$n.key" "$R/etc/tls.key"; chmod 600 "$R/etc/tls.key"
  for u in $BOXES; do echo "$u@$dom"; done > "$R/etc/boxes"; printf 'blocked@%s\ndisabled@%s\n' $dom $dom > "$R/etc/refused"
  cat > "$R/etc/smtpd.conf" <<C
pki $h cert "/etc/tls.pem"
pki $h key "/etc/tls.key"
table boxes file:/etc/boxes
table refused file:/etc/refused
bounce warn-interval 1m
listen on $ip port 25 hostname $h tls pki $h
listen on lo port 25 hostname $h
action "in" relay host lmtp://127.0.0.1:24
action "out" relay helo $h
match from any for rcpt-to <refused> reject
match from any for rcpt-to <boxes> action "in"
match from local for any action "out"
C
  dc_start $n; wait_tcp $ip 993; spawn $n-smtpd $n chroot "$R" /usr/sbin/smtpd -d -f /etc/smtpd.conf; wait_tcp $ip 25; }
v=${1:-}; shift || true
case $v in
start) "$HERE/net.sh" up; for i in ${*:-isp1 isp2 isp3 isp4}; do $i & j="${j:-} $!"; done; r=0; for p in $j; do wait $p || r=1; done; exit $r;;
stop) for i in ${*:-isp1 isp2 isp3 isp4}; do { pf_stop $i;  for p in smtpd exim samilter spamd opendmarc opendkim postgrey rspamd redis dovecot; do reap $i-$p & done; wait; } & done; wait; true;;
status) for i in ${*:-isp1 isp2 isp3 isp4}; do for f in "$RUN/$i"-*.pid; do [ -e "$f" ] && b=$(basename "$f" .pid) && { up "$b" && echo "$b up" || echo "$b down"; }; done; done;;
limit) n=$1; ns "$n" postconf -c "$TB/$n/postfix/etc" -e "smtpd_client_message_rate_limit=$2" && ns "$n" postfix -c "$TB/$n/postfix/etc" reload;;
*) echo "usage: $0 start|stop|status [isp1 isp2 isp3 isp4] | limit ispN N"; exit 2;; esac
