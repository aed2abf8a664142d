#!/bin/sh
# helm test: the calls reach as many grpc pods as the load-balancing mode promises.
#
#   ENTRY    nginx's URL
#   CALLS    how many to make in a round
#   PODS     how many pods must be among those that answered
#   ROUNDS   how often to try, PAUSE seconds apart: a pod that is new is found when a connection has reached its age
set -eu

round=1
while :; do
    answers=$(
        call=0
        while [ "$call" -lt "$CALLS" ]; do
            timeout 10 wget -q -O - "$ENTRY/go/sample" || echo failed
            echo
            call=$((call + 1))
        done | sed -n -e 's/.*"response":{.*"hostname":"\([^"]*\)".*/\1/p' -e '/^failed$/p' | sort | uniq -c
    )
    echo "$answers"
    failures=$(echo "$answers" | grep -c ' failed$' || true)
    seen=$(echo "$answers" | grep -v ' failed$' | grep -c . || true)
    if [ "$failures" -eq 0 ] && [ "$seen" -ge "$PODS" ]; then
        echo "ok    $CALLS calls reached $seen pods, expected $PODS or more"
        exit 0
    fi
    [ "$round" -lt "$ROUNDS" ] || break
    round=$((round + 1))
    sleep "$PAUSE"
done

[ "$failures" -eq 0 ] || echo "FAIL  some calls failed; kubectl logs -l app.kubernetes.io/component=gateway tells why"
[ "$seen" -ge "$PODS" ] || echo "FAIL  $CALLS calls reached $seen pods, expected $PODS; look at /go/channel"
exit 1
