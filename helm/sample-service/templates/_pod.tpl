{{- /*
What the pods of all components have in common. Everything is as the Pod Security Standard "restricted" wants it.
All take the list (root, component).
*/ -}}

{{- /* The pod's own fields. */ -}}
{{- define "sample-service.pod" -}}
{{- $values := (index . 0).Values -}}
serviceAccountName: {{ include "sample-service.name" . | quote }}
automountServiceAccountToken: false
# Variables that describe other Services are of no use here, and there can be many.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- with $values.runAsUser }}
  runAsUser: {{ int64 . }}
  runAsGroup: {{ int64 . }}
  fsGroup: {{ int64 . }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* Pods of one component on different nodes and in different zones, where there is a choice. */ -}}
{{- define "sample-service.topologySpread" -}}
{{- $component := . -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "sample-service.selectorLabels" $component | nindent 8 }}
  {{- end }}
{{- end }}

{{- /* One more pod first, none fewer: a rollout takes nothing away. */ -}}
{{- define "sample-service.strategy" -}}
type: RollingUpdate
rollingUpdate:
  maxSurge: 1
  maxUnavailable: 0
{{- end }}

{{- define "sample-service.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* The image of a component that this project builds. */ -}}
{{- define "sample-service.image" -}}
{{- $root := index . 0 -}}
{{- $image := $root.Values.image -}}
{{- $repository := (index $root.Values (index . 1)).image.repository -}}
image: {{ printf "%s:%s" (list $image.registry $repository | compact | join "/") ($image.tag | default $root.Chart.AppVersion) | quote }}
imagePullPolicy: {{ $image.pullPolicy }}
{{- end }}

{{- /* The environment of a service of ours; the third in the list is a dictionary of its own settings. */ -}}
{{- define "sample-service.environment" -}}
{{- $values := (index . 0).Values -}}
{{- $component := index $values (index . 1) -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
{{- $common := dict
      "LISTEN_ADDRESS" (printf "0.0.0.0:%d" (int64 $component.containerPort))
      "SHUTDOWN_DELAY" (printf "%ss" (include "sample-service.shutdownDelay" .))
      "SHUTDOWN_GRACE" (printf "%ds" (int64 $values.shutdown.graceSeconds))
      "LOG_FORMAT" $values.log.format
      "LOG_LEVEL" $values.log.level }}
{{- range $name, $value := merge dict $component.env (index . 2) $common }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- /* Probes; the third in the list is a dictionary with the handlers of startup, readiness and liveness. */ -}}
{{- define "sample-service.probes" -}}
{{- $timing := omit (index (index . 0).Values (index . 1)).probes "kind" -}}
{{- $handlers := index . 2 -}}
startupProbe:
  {{- toYaml $handlers.startup | nindent 2 }}
  periodSeconds: 1
  timeoutSeconds: {{ $timing.timeoutSeconds }}
  failureThreshold: 60
readinessProbe:
  {{- toYaml (merge dict $handlers.readiness $timing) | nindent 2 }}
livenessProbe:
  {{- toYaml (merge dict $handlers.liveness $timing) | nindent 2 }}
{{- end }}

{{- /* The handlers of a service with the admin endpoints. */ -}}
{{- define "sample-service.adminProbes" -}}
startup: {httpGet: {path: /healthz, port: admin}}
readiness: {httpGet: {path: /readyz, port: admin}}
liveness: {httpGet: {path: /healthz, port: admin}}
{{- end }}
