// Finds pods by the keys that they keep in etcd, and enters them there.
