{{- define "hullwatch.name" -}}
{{- if contains "hullwatch" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-hullwatch" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "hullwatch.selector" -}}
app.kubernetes.io/name: hullwatch
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hullwatch.labels" -}}
{{ include "hullwatch.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "hullwatch.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* The name of the ConfigMap with the folder; empty: the folder in the image. */}}
{{- define "hullwatch.config" -}}
{{- if .Values.config.existingConfigMap }}{{ .Values.config.existingConfigMap }}{{ else if .Values.config.files }}{{ include "hullwatch.name" . }}-config{{ end }}
{{- end }}

{{- define "hullwatch.environment" -}}
- {name: HULLWATCH_KAFKA, value: {{ .Values.kafka.bootstrap | quote }}}
- {name: HULLWATCH_PREFIX, value: {{ .Values.topics.prefix | quote }}}
- {name: HULLWATCH_SOURCE_PARTITIONS, value: {{ .Values.topics.sourcePartitions | quote }}}
- {name: HULLWATCH_REPORT_PARTITIONS, value: {{ .Values.topics.reportPartitions | quote }}}
- {name: HULLWATCH_METRICS_PORT, value: {{ .Values.metrics.port | quote }}}
{{- if include "hullwatch.config" . }}
- {name: HULLWATCH_CONFIG, value: /config}
{{- end }}
{{- end }}

{{- define "hullwatch.redis" -}}
- name: HULLWATCH_REDIS
{{- if .Values.redis.existingSecret }}
  valueFrom: {secretKeyRef: {name: {{ .Values.redis.existingSecret }}, key: url}}
{{- else }}
  value: {{ .Values.redis.url | quote }}
{{- end }}
{{- end }}

{{- define "hullwatch.container" -}}
image: {{ include "hullwatch.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
{{- if include "hullwatch.config" . }}
  - {name: config, mountPath: /config, readOnly: true}
{{- end }}
{{- end }}

{{- define "hullwatch.pod" -}}
serviceAccountName: {{ include "hullwatch.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
volumes:
  - {name: tmp, emptyDir: {}}
{{- with include "hullwatch.config" . }}
  - {name: config, configMap: {name: {{ . }}}}
{{- end }}
{{- end }}

{{/* One deployment.  Takes: root, stage, name (of the deployment), args, replicas, strategy, ports, probes, env, envFrom. */}}
{{- define "hullwatch.deployment" -}}
{{- $root := .root -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "hullwatch.name" $root }}-{{ .name }}
  labels:
    {{- include "hullwatch.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .stage }}
spec:
  replicas: {{ .replicas }}
  strategy: {type: {{ .strategy | default "RollingUpdate" }}}
  selector:
    matchLabels:
      {{- include "hullwatch.selector" $root | nindent 6 }}
      hullwatch/deployment: {{ .name }}
  template:
    metadata:
      labels:
        {{- include "hullwatch.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .stage }}
        hullwatch/deployment: {{ .name }}
      annotations:
        hullwatch/config: {{ toJson $root.Values.config.files | sha256sum }}
        {{- with $root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "hullwatch.pod" $root | nindent 6 }}
      terminationGracePeriodSeconds: 30
      containers:
        - name: {{ .stage }}
          {{- include "hullwatch.container" $root | nindent 10 }}
          args: {{ toJson .args }}
          env:
            {{- include "hullwatch.environment" $root | nindent 12 }}
            {{- with .env }}
            {{- . | nindent 12 }}
            {{- end }}
          {{- with .envFrom }}
          envFrom:
            - secretRef: {name: {{ . }}}
          {{- end }}
          ports: {{ toJson .ports }}
          livenessProbe: {httpGet: {path: /healthz, port: {{ .probed }}}, periodSeconds: 10, failureThreshold: 6}
          startupProbe: {httpGet: {path: /healthz, port: {{ .probed }}}, periodSeconds: 2, failureThreshold: 60}
          readinessProbe: {httpGet: {path: /readyz, port: {{ .probed }}}, periodSeconds: 5}
          resources: {{ toJson (index $root.Values.stages .stage).resources }}
{{- end }}
