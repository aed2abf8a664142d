{{- /*
gRPC over TLS, from Secrets as cert-manager makes them: tls.crt, tls.key, ca.crt. They are mounted as folders, not file by
file, because Kubernetes renews folders only; the programs read files again when they have changed.
*/ -}}

{{- define "sample-service.tlsDirectory" -}}/etc/sample-service/{{ . }}{{- end }}

{{- define "sample-service.tlsServerSettings" -}}
{{- if .Values.tls.enabled -}}
{{- $directory := include "sample-service.tlsDirectory" "tls" -}}
TLS_CERTIFICATE: {{ $directory }}/tls.crt
TLS_KEY: {{ $directory }}/tls.key
{{- if .Values.tls.clientAuth }}
TLS_CLIENT_CA: {{ $directory }}/ca.crt
{{- end }}
{{- end -}}
{{- end }}

{{- define "sample-service.tlsClientSettings" -}}
{{- if .Values.tls.enabled -}}
{{- $directory := include "sample-service.tlsDirectory" "tls" -}}
TLS_CA: {{ $directory }}/ca.crt
TLS_SERVER_NAME: {{ .Values.tls.serverName | default (include "sample-service.name" (list . "grpc")) | quote }}
{{- if .Values.tls.clientAuth }}
TLS_CERTIFICATE: {{ $directory }}/tls.crt
TLS_KEY: {{ $directory }}/tls.key
{{- end }}
{{- end -}}
{{- end }}

{{- /*
The Secret in a component's pods, as `mounts` and `volumes`; takes the list (root, component). Without client certificates the
gateway gets no key: only the authority's certificate is put into its folder.
*/ -}}
{{- define "sample-service.tlsMounts" -}}
{{- $tls := (index . 0).Values.tls -}}
{{- if $tls.enabled -}}
{{- $client := eq (index . 1) "gateway" -}}
mounts:
  - name: tls
    mountPath: {{ include "sample-service.tlsDirectory" "tls" }}
    readOnly: true
volumes:
  - name: tls
    secret:
      secretName: {{ and $client $tls.clientAuth | ternary ($tls.clientSecretName | default $tls.secretName) $tls.secretName | quote }}
      # Whoever has the group of the pod may read.
      defaultMode: 0440
      {{- if and $client (not $tls.clientAuth) }}
      items:
        - {key: ca.crt, path: ca.crt}
      {{- end }}
{{- end -}}
{{- end }}

{{- /* What the grpc Services' ports speak, for meshes and gateways. */ -}}
{{- define "sample-service.appProtocol" -}}
{{- if .Values.tls.enabled -}}https
{{- else if include "sample-service.hasMode" (list . "mesh") -}}grpc
{{- else -}}kubernetes.io/h2c
{{- end -}}
{{- end }}
