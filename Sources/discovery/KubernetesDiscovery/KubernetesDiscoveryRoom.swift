// Finds pods by Kubernetes' EndpointSlices.
