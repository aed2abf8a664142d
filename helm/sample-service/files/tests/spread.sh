#!/bin/sh
# helm test: the calls reach as many grpc pods as the load-balancing mode promises.
# ENTRY is nginx's URL, CALLS how many to make, PODS how many pods must be among those that answered.
set -eu

answers=$(
    call=0
    while [ "$call" -lt "$CALLS" ]; do
        timeout 10 wget -q -O - "$ENTRY/go/sample" || echo "failed"
        echo
        call=$((call + 1))
    done | sed -n -e 's/.*"response":{.*"hostname":"\([^"]*\)".*/\1/p' -e 's/^failed$/failed/p' | sort | uniq -c
)
echo "$answers"

case $answers in
*failed*)
    echo "FAIL  some calls failed; kubectl logs -l app.kubernetes.io/component=gateway tells why"
    exit 1
    ;;
esac
seen=$(echo "$answers" | grep -c . || true)
if [ "$seen" -lt "$PODS" ]; then
    echo "FAIL  $CALLS calls reached $seen pods, expected $PODS; look at /go/channel"
    exit 1
fi
echo "ok    $CALLS calls reached $seen pods, expected $PODS or more"
