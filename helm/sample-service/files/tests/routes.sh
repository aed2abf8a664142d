#!/bin/sh
# helm test: through nginx, each route answers as its component does.
#
#   ENTRY    nginx's URL
#   PODS     what the names of this release's pods begin with
#   ROUNDS   how often to try, PAUSE seconds apart: right after the installation, DNS caches may still say that a name
#            does not exist
set -eu

failed=0

# check PATH TEXT: the answer to PATH contains TEXT.
check() {
    round=1
    while :; do
        answer=$(timeout 10 wget -q -O - "$ENTRY$1" 2>&1) || answer="no answer. $answer"
        case $answer in *"$2"*)
            echo "ok    $1"
            return
            ;;
        esac
        [ "$round" -lt "$ROUNDS" ] || break
        round=$((round + 1))
        sleep "$PAUSE"
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
