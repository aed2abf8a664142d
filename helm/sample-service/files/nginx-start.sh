#!/bin/sh
# Starts nginx in its pod. What only the pod knows goes into the configuration, which is then written to the folder that may
# be written.
#
#   start.sh PORT [GRPC-PORT]
#
#   @LISTEN@     PORT on every IPv4 address, and on every IPv6 address if the kernel has IPv6: nginx does not start
#                otherwise
#   @GRPC_LISTEN@  GRPC-PORT, the same way, for HTTP/2 alone; there only in mode nginx
#   @RESOLVER@   the DNS servers of resolv.conf, which are the cluster's, or a cache's on the node; names are kept for
#                10 s. Not replaced if the chart was told a resolver.
set -eu

# listen PORT [OPTION]
listen() {
    printf 'listen %s%s;' "$1" "${2-}"
    [ ! -e /proc/net/if_inet6 ] || printf ' listen [::]:%s%s;' "$1" "${2-}"
}

# HTTP/2 is a directive since 1.25.1, and an option of listen before.
case $(nginx -v 2>&1) in
*/1.2[0-4].* | */1.25.0*) grpc_listen=$(listen "${2:-0}" ' http2') ;;
*) grpc_listen="$(listen "${2:-0}") http2 on;" ;;
esac

resolver='' families=' ipv6=off'
while read -r keyword server _; do
    [ "$keyword" = nameserver ] || continue
    case $server in
    *%*) ;; # an address with a zone, which nginx does not take
    *:*)
        resolver="${resolver}[$server] "
        # A Service's addresses are of the families that the cluster has: where DNS is asked by IPv6, so may be all else.
        families=''
        ;;
    *) resolver="$resolver$server " ;;
    esac
done </etc/resolv.conf

configuration=/etc/sample-service/nginx.conf
if [ -z "$resolver" ] && grep -q '@RESOLVER@' "$configuration"; then
    echo "start.sh: /etc/resolv.conf names no DNS server that nginx can ask: set nginx.resolver in the chart" >&2
    exit 1
fi
sed -e "s/@LISTEN@/$(listen "$1")/" -e "s/@GRPC_LISTEN@/$grpc_listen/" -e "s/@RESOLVER@/${resolver}valid=10s$families/" \
    "$configuration" >/run/nginx/nginx.conf

# Not by way of the image's entry point, which would rewrite configuration files.
exec nginx -e stderr -c /run/nginx/nginx.conf -g 'daemon off;'
