{{- /* Parts of network policies. */ -}}

{{- /* The pods of one component; takes the list (root, component). */ -}}
{{- define "sample-service.peer" -}}
podSelector:
  matchLabels:
    {{- include "sample-service.selectorLabels" . | nindent 4 }}
{{- end }}

{{- /* To the cluster's DNS, wherever it runs: on pods, on nodes, or on an address of the node's own. */ -}}
{{- define "sample-service.dnsEgress" -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end }}

{{- /* From those who are let in to the admin ports. */ -}}
{{- define "sample-service.adminIngress" -}}
{{- with .Values.networkPolicy.adminFrom }}
- from:
    {{- range . }}
    - {{- toYaml . | nindent 6 }}
    {{- end }}
  ports:
    - {protocol: TCP, port: 9090}
{{- end }}
{{- end }}
