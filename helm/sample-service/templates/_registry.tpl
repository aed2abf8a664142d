{{- /*
Registries: etcd and Consul, in which grpc pods enter themselves and a client finds them. They are the chart's own, or, where
the values name others, those.
*/ -}}

{{- /* The addresses of a registry that is not ours, none if it is; a YAML list. Takes the list (root, registry). */ -}}
{{- define "sample-service.registryElsewhere" -}}
{{- $values := (index . 0).Values.loadBalancing -}}
{{- if eq (index . 1) "etcd" -}}
{{- toYaml $values.etcd.endpoints -}}
{{- else -}}
{{- list $values.consul.address | compact | toYaml -}}
{{- end -}}
{{- end }}

{{- /* The name that the pods have in a registry. */ -}}
{{- define "sample-service.registryService" -}}
{{- .Values.loadBalancing.registryService | default (include "sample-service.name" (list . "grpc")) -}}
{{- end }}

{{- /*
What gateway and grpc pods are told of the registries of the modes that are there. grpc pods enter themselves in each that
they are told of, so while one takes another's place they are in both.
*/ -}}
{{- define "sample-service.registrySettings" -}}
{{- $root := . -}}
{{- $variables := dict "etcd" "ETCD_ENDPOINTS" "consul" "CONSUL_HTTP_ADDR" -}}
{{- $ports := dict "etcd" .Values.etcd.service.port "consul" .Values.consul.service.port -}}
{{- range $registry, $variable := $variables -}}
{{- if include "sample-service.hasMode" (list $root $registry) }}
{{- $own := printf "%s:%d" (include "sample-service.name" (list $root $registry)) (get $ports $registry | int64) }}
{{ $variable }}: {{ include "sample-service.registryElsewhere" (list $root $registry) | fromYamlArray | default (list $own) | join "," | quote }}
{{- end -}}
{{- end -}}
{{- end }}
