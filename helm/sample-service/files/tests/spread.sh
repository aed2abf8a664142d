#!/bin/sh
# helm test: the calls reach as many grpc pods as the load-balancing mode promises.
#
#   ENTRY    nginx's URL
#   CALLS    how many to make in a round
#   PODS     how many pods must be among those that answered
#   DEADLINE seconds for all, PAUSE between two rounds: a pod that is new is found when a connection has reached its age
set -eu

end=$(($(date +%s) + DEADLINE))

# left MOST LEAST: the seconds until the deadline, within these bounds.
left() {
    seconds=$((end - $(date +%s)))
    [ "$seconds" -le "$1" ] || seconds=$1
    [ "$seconds" -ge "$2" ] || seconds=$2
    echo "$seconds"
}

while :; do
    answers=$(
        call=0
        while [ "$call" -lt "$CALLS" ] && { [ "$call" -eq 0 ] || [ "$(left 1 0)" -gt 0 ]; }; do
            timeout "$(left 10 1)" wget -q -O - "$ENTRY/go/sample" || echo failed
            echo
            call=$((call + 1))
        done | sed -n -e 's/.*"response":{.*"hostname":"\([^"]*\)".*/\1/p' -e '/^failed$/p' | sort | uniq -c
    )
    echo "$answers"
    failures=$(echo "$answers" | grep -c ' failed$' || true)
    seen=$(echo "$answers" | grep -v ' failed$' | grep -c . || true)
    if [ "$failures" -eq 0 ] && [ "$seen" -ge "$PODS" ]; then
        echo "ok    the calls reached $seen pods, expected $PODS or more"
        exit 0
    fi
    [ "$(left 1 0)" -gt 0 ] || break
    sleep "$(left "$PAUSE" 0)"
done

[ "$failures" -eq 0 ] || echo "FAIL  some calls failed; kubectl logs -l app.kubernetes.io/component=gateway tells why"
[ "$seen" -ge "$PODS" ] || echo "FAIL  the calls reached $seen pods, expected $PODS; look at /go/channel"
exit 1
