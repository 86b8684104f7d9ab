# Takes the mail of removed mailboxes out of the way, so that a new mailbox of the same name never sees it. Arguments: domain/local.
set -eu
kept=/var/lib/penguinmails/removed-mail
mkdir -p "$kept"
chmod 700 "$kept"
for mailbox in "$@"; do
  mv "/var/vmail/$mailbox" "$kept/$(echo "$mailbox" | tr / _).$(date -u +%Y%m%dT%H%M%S).$$"
  rmdir --ignore-fail-on-non-empty "$(dirname "/var/vmail/$mailbox")"
done
