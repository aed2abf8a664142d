{{- /*
What the pods of all components have in common. Everything is as the Pod Security Standard "restricted" wants it.
All take the list (root, component).
*/ -}}

{{- /* What `pod` of the component says; the pods of `helm test` go where nginx goes, whose image they have. */ -}}
{{- define "sample-service.knobs" -}}
{{- $component := eq (index . 1) "test" | ternary "nginx" (index . 1) -}}
{{- (index (index . 0).Values $component).pod | toYaml -}}
{{- end }}

{{- /* metadata of a Deployment's pods; the third in the list is a dictionary of annotations. */ -}}
{{- define "sample-service.podMetadata" -}}
{{- $knobs := include "sample-service.knobs" . | fromYaml -}}
{{- $mesh := include "sample-service.meshMetadata" . | fromYaml -}}
labels:
  {{- include "sample-service.selectorLabels" . | nindent 2 }}
  {{- with merge ($knobs.labels | default dict) ($mesh.labels | default dict) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $scrape := include "sample-service.scrapeAnnotations" . | fromYaml -}}
{{- with merge (index . 2) ($knobs.annotations | default dict) ($mesh.annotations | default dict) $scrape }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The pod's own fields. */ -}}
{{- define "sample-service.pod" -}}
{{- $values := (index . 0).Values -}}
{{- $knobs := include "sample-service.knobs" . | fromYaml -}}
serviceAccountName: {{ include "sample-service.name" . | quote }}
automountServiceAccountToken: {{ include "sample-service.token" . }}
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
{{- with pick $knobs "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Pods of one component on different nodes and in different zones, where there is a choice. */ -}}
{{- define "sample-service.topologySpread" -}}
{{- $component := . -}}
{{- $knobs := include "sample-service.knobs" . | fromYaml -}}
topologySpreadConstraints:
  {{- if $knobs.topologySpreadConstraints }}
  {{- $own := dict "labelSelector" (dict "matchLabels" (include "sample-service.selectorLabels" . | fromYaml)) }}
  {{- range $knobs.topologySpreadConstraints }}
  - {{- merge . $own | toYaml | nindent 4 }}
  {{- end }}
  {{- else }}
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

{{- /* A stock image, from its own registry unless there is one for all; takes (list root component). */ -}}
{{- define "sample-service.stockImage" -}}
{{- $common := (index . 0).Values.image -}}
{{- $image := (index (index . 0).Values (index . 1)).image -}}
image: {{ printf "%s/%s:%s" ($common.registry | default $image.registry) $image.repository $image.tag | quote }}
imagePullPolicy: {{ $common.pullPolicy }}
{{- end }}

{{- /* The image of a component that this project builds. */ -}}
{{- define "sample-service.image" -}}
{{- $root := index . 0 -}}
{{- $image := $root.Values.image -}}
{{- $own := (index $root.Values (index . 1)).image -}}
image: {{ printf "%s:%s" (list $image.registry $own.repository | compact | join "/") (coalesce $own.tag $image.tag $root.Chart.AppVersion) | quote }}
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
      "LISTEN_ADDRESS" (printf ":%d" (int64 $component.containerPort))
      "ADMIN_ACTIONS" $values.admin.actions
      "SHUTDOWN_DELAY" (printf "%ss" (include "sample-service.shutdownDelay" .))
      "SHUTDOWN_GRACE" (printf "%ss" (include "sample-service.shutdownGrace" (index . 0)))
      "LOG_FORMAT" $values.log.format
      "LOG_LEVEL" $values.log.level }}
{{- $tracing := include "sample-service.tracingSettings" (index . 0) | fromYaml }}
{{- $settings := merge dict $component.env (index . 2) $common $tracing }}
{{- $secrets := include "sample-service.tracingVariables" (index . 0) | fromYamlArray }}
{{- range $component.pod.extraEnv }}{{ $settings = unset $settings .name }}{{ end }}
{{- range $name, $value := $settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- $names := keys $component.env }}
{{- range $component.pod.extraEnv }}{{ $names = append $names .name }}{{ end }}
{{- range $secrets }}{{ if not (has .name $names) }}
- {{- toYaml . | nindent 2 }}
{{- end }}{{ end }}
{{- with $component.pod.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Files that a service of ours reads, as `mounts` and `volumes`; takes the list (root, its own as YAML). */ -}}
{{- define "sample-service.mounts" -}}
{{- $own := index . 1 | fromYaml -}}
{{- $tracing := include "sample-service.tracingMounts" (index . 0) | fromYaml -}}
{{- range $part := list "mounts" "volumes" -}}
{{- with concat (get $own $part | default list) (get $tracing $part | default list) }}
{{ $part }}:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}
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
