extension PercentCoding {
    /// Encodes a name or a value of a query: every byte but RFC 3986's unreserved ones (section 2.3) becomes an escape.
    package static func encodeComponent(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case _ where byte.isASCIIDigit || byte.isASCIILetter, UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded.unicodeScalars.append("%")
                encoded.unicodeScalars.append(Unicode.Scalar(Hexadecimal.upperDigit(byte >> 4)))
                encoded.unicodeScalars.append(Unicode.Scalar(Hexadecimal.upperDigit(byte)))
            }
        }
        return encoded
    }
}
