import LocalCluster
package import Terminal

/// The colour in which a pod is shown, the same wherever it is.
package enum PodColour {
    package static func of(_ pod: String) -> Paint.Colour {
        let colours = Paint.Colour.allCases
        return colours[Int(StableHash.of(pod) % UInt64(colours.count))]
    }
}
