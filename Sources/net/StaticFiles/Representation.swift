package import HTTP

/// One form of a file as it goes over the wire: as it is, or compressed.
package struct Representation {
    package let coding: ContentCoding
    package let tag: EntityTag
    /// In bytes.
    package let size: Int
    /// nil for what stays on the disk.
    package let bytes: [UInt8]?

    package init(_ coding: ContentCoding, tag: EntityTag, size: Int, bytes: [UInt8]? = nil) {
        self.coding = coding
        self.tag = tag
        self.size = size
        self.bytes = bytes
    }

    /// In memory, named by its content.
    package init(_ coding: ContentCoding, bytes: [UInt8]) {
        self.init(coding, tag: Representation.tag(coding, content: bytes), size: bytes.count, bytes: bytes)
    }
}

extension Representation {
    /// A strong tag of a content: its length and 64 bits of FNV-1a, about 1 ns a byte.
    ///
    /// Of the content and of nothing else, so all replicas agree, whenever each got its copy of the site, and a new
    /// deployment with the same file in it costs the clients nothing. The compressed form is named by its own bytes,
    /// not by those that it was made from, because another zlib may make others. Two states of one file have the same
    /// tag once in 2^64; who could make that happen on purpose writes the site anyway.
    static func tag(_ coding: ContentCoding, content: [UInt8]) -> EntityTag {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in content { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return EntityTag("\(hex(content.count))-\(hex(hash))\(suffix(coding))")
    }

    /// The tag of a file that is too large to be read for its name's sake: length and time of the last change, which
    /// replicas have in common when they come from one image. (Unlike the inode and the time of the last change of
    /// anything, which would be the safer choice on one machine.)
    ///
    /// Weak while `isSettled` is false: two changes within one tick of the file system's clock have the same time.
    static func tag(_ coding: ContentCoding, size: Int, modified: Int64, isSettled: Bool) -> EntityTag {
        EntityTag("\(hex(size))-t\(hex(UInt64(bitPattern: modified)))\(suffix(coding))", isWeak: !isSettled)
    }

    private static func hex(_ number: some BinaryInteger) -> String { String(number, radix: 16) }

    private static func suffix(_ coding: ContentCoding) -> String {
        switch coding {
        case .identity: ""
        case .gzip: "-gzip"
        }
    }
}
