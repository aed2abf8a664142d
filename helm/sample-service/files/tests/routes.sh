#!/bin/sh
# helm test: through nginx, each route answers as its component does.
#
#   ENTRY    nginx's URL
#   PODS     what the names of this release's pods begin with
#   DEADLINE seconds for all, PAUSE between two tries: right after the installation, DNS caches may still say that a name
#            does not exist. After it each route is asked once more, briefly, so that all that fail are named.
set -eu

failed=0
end=$(($(date +%s) + DEADLINE))

# left MOST LEAST: the seconds until the deadline, within these bounds.
left() {
    seconds=$((end - $(date +%s)))
    [ "$seconds" -le "$1" ] || seconds=$1
    [ "$seconds" -ge "$2" ] || seconds=$2
    echo "$seconds"
}

# check PATH TEXT: the answer to PATH contains TEXT.
check() {
    while :; do
        answer=$(timeout "$(left 10 1)" wget -q -O - "$ENTRY$1" 2>&1) || answer="no answer. $answer"
        case $answer in *"$2"*)
            echo "ok    $1"
            return
            ;;
        esac
        [ "$(left 1 0)" -gt 0 ] || break
        sleep "$(left "$PAUSE" 0)"
    done
    echo "FAIL  $1: expected $2; got: $answer"
    failed=1
}

check /nginx-health ok
check / '<title>sample-service</title>'
check /go "\"hostname\":\"$PODS-gateway-"
check /go/sample "\"hostname\":\"$PODS-grpc-"
check '/go/sample?name=Helm' '"message":"Hello Helm"'
check /go/hellogrpc "\"hostname\":\"$PODS-grpc-"
check /go/hellohttp '"response":{"name":'
check '/go/distribution?requests=10' '"succeeded":10,'
check '/go/stream?count=2&interval_ms=0' "\"hostname\":\"$PODS-grpc-"
check /go/channel '"subchannels":'
check /js/hello "\"hostname\":\"$PODS-js-"
check /js/ '<html'
exit "$failed"
