// Finds pods by Consul's health endpoint, and enters them there.
