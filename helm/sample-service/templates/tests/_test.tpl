{{- /* A pod that `helm test` runs; the list is (root, name of a script in files/tests, its variables). */ -}}
{{- define "sample-service.test" -}}
{{- $root := index . 0 -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "sample-service.name" (list $root (printf "test-%s" (index . 1))) | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  labels:
    {{- include "sample-service.labels" (list $root "test") | nindent 4 }}
  annotations:
    helm.sh/hook: test
    # One that failed is left behind for `kubectl logs`, until the next test.
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  {{- include "sample-service.pod" (list $root "test") | nindent 2 }}
  restartPolicy: Never
  # The script ends by itself after DEADLINE and some seconds, and says why; this is for what keeps it from doing so, such as an
  # image that cannot be pulled, and is less than the 5 minutes that Helm waits for each test.
  activeDeadlineSeconds: 240
  containers:
    - name: test
      # It has a shell and wget, and is on a node already.
      {{- include "sample-service.stockImage" (list $root "nginx") | nindent 6 }}
      command: [sh, -c]
      args:
        - |
          {{- $root.Files.Get (printf "files/tests/%s.sh" (index . 1)) | trim | nindent 10 }}
      env:
        - name: ENTRY
          value: http://{{ include "sample-service.name" (list $root "nginx") }}:{{ $root.Values.service.port }}
        {{- range $name, $value := merge dict (index . 2) (dict "DEADLINE" 150 "PAUSE" 10) }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      resources:
        requests: {cpu: 10m, memory: 16Mi, ephemeral-storage: 16Mi}
        limits: {cpu: 500m, memory: 64Mi, ephemeral-storage: 64Mi}
      securityContext:
        {{- include "sample-service.securityContext" . | nindent 8 }}
{{- end }}
