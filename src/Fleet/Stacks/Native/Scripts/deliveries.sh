# What Postfix logged. $1, $2: from and until, seconds since 1970. $3: most lines. Lines that begin with = are ours.
set -f
export LC_ALL=C
unit=postfix@-.service
[ -z "$(journalctl --quiet --no-pager --unit "$unit" --until "@$1" --lines 1 --output cat)" ] || echo "=before"
echo "=clock $(date +%s)"
# The message by which journald says that it left lines out (sd_messages.h, SD_MESSAGE_JOURNAL_DROPPED).
[ -z "$(journalctl --quiet --no-pager --since "@$1" --until "@$2" --lines 1 --output cat MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e)" ] || echo "=suppressed"
journalctl --quiet --no-pager --output short-unix --unit "$unit" --since "@$1" --until "@$2" --lines "$3" && echo "=end"
