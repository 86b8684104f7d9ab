#!/bin/bash
# record.sh zone ZONE | set ZONE NAME TYPE CONTENT... | ptr IP NAME      what a customer does at the name server: make a zone (delegated too), write one record set, name an address
. "$(dirname "$0")/lib.sh"
case ${1:-} in
zone) mkzone "$2";;
set) z=$2 n=$3 t=$4; shift 4; rr "$z" "$n" "$t" 30 "$@";;
ptr) rr 18.198.in-addr.arpa "$(echo "$2" | awk -F. '{print $4"."$3"."$2"."$1}').in-addr.arpa" PTR 30 "$3.";;
*) sed -n 2p "$0"; exit 2;; esac
