import Bytes
package import JSON

/// What an examination comes to: what was seen, and what there is to say of it.
package struct DoctorReport: Equatable, Sendable {
    package struct Fact: Equatable, Sendable {
        package let name: String
        package let text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = PrintableText.shortened(text)
        }
    }

    /// A target, or a cluster's namespace.
    package var subject: String
    package var facts: [Fact]
    /// The worst first.
    package var findings: [Finding]

    package init(subject: String, facts: [Fact], findings: [Finding]) {
        self.subject = PrintableText.shortened(subject)
        self.facts = facts
        self.findings = findings.enumerated()
            .sorted { ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset) }.map(\.element)
    }

    package var exitStatus: Int32 { findings.isEmpty ? 0 : 1 }

    // MARK: For people

    package var text: String {
        let width = facts.map(\.name.count).max() ?? 0
        var lines = [printable(subject), ""]
        lines += facts.flatMap { Paragraphs.item("  \($0.name)", printable($0.text), column: width + 4) }
        if !facts.isEmpty { lines.append("") }
        if findings.isEmpty {
            lines.append("nothing to report")
        } else {
            lines.append(findings.count == 1 ? "1 finding" : "\(findings.count) findings")
            for finding in findings {
                lines += ["", "\(finding.severity.rawValue): \(finding.id.rawValue)"] + words(finding)
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Names, messages and first bytes are peers' own words, and may be made for a terminal. Backslashes stay: some of it
    /// was made printable before.
    private func printable(_ text: String) -> String {
        text.split(separator: "\\", omittingEmptySubsequences: false).map { part in
            var bytes: [UInt8] = []
            PrintableText.append(String(part), to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }.joined(separator: "\\")
    }

    private func words(_ finding: Finding) -> [String] {
        let place = [finding.object, finding.field].compactMap(\.self).joined(separator: ", ")
        return Paragraphs.item("", printable((place.isEmpty ? "" : "\(place): ") + finding.sentence), column: 2)
            + finding.evidence.flatMap { text in
                let lines = Paragraphs.item("", printable(text), column: 4)
                return ["  - " + (lines.first?.drop { $0 == " " } ?? "")] + lines.dropFirst()
            }
    }

    // MARK: For programs

    package var json: JSONValue {
        [
            "subject": .string(subject),
            "facts": .object(JSONObject(facts.map { .init(key: $0.name, value: .string($0.text)) })),
            "findings": .array(findings.map(json)),
        ]
    }

    /// What there is not is null.
    private func json(_ finding: Finding) -> JSONValue {
        [
            "id": .string(finding.id.rawValue),
            "severity": .string(finding.severity.rawValue),
            "sentence": .string(finding.sentence),
            "evidence": .array(finding.evidence.map { .string($0) }),
            "object": finding.object.map { .string($0) } ?? .null,
            "field": finding.field.map { .string($0) } ?? .null,
        ]
    }
}
