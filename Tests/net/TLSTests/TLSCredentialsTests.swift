import Glibc
import Synchronization
import System
import TLS
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct TLSCredentialsTests {
    /// Files of a server, and what is told about them. `later` is a time at which they are looked at again.
    private final class Server: Sendable {
        let folder = TemporaryDirectory()
        let certificates: Certificates
        let credentials: TLSCredentials
        private let told = Told()
        private let time = Mutex(MonotonicClock.now)

        private final class Told: Sendable {
            let lines = Mutex<[String]>([])
        }

        init() throws {
            certificates = try Certificates()
            folder.write(String(decoding: certificates.server.certificate, as: UTF8.self), to: "tls.crt")
            folder.write(String(decoding: certificates.server.key, as: UTF8.self), to: "tls.key")
            let told = told
            credentials = try TLSCredentials(
                TLSMaterial(.server),
                files: TLSFiles(certificate: folder.path + "/tls.crt", key: folder.path + "/tls.key")
            ) { line in told.lines.withLock { $0.append(line) } }
        }

        func later(_ duration: Duration = .seconds(2)) -> TLSContext {
            credentials.context(
                at: time.withLock {
                    $0 = $0 + duration
                    return $0
                })
        }

        func write(_ bytes: [UInt8], to name: String) { folder.write(String(decoding: bytes, as: UTF8.self), to: name) }

        func takeLines() -> [String] {
            told.lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }

        deinit { folder.remove() }
    }

    @Test func filesThatStayAsTheyAreAreNotReadAgain() throws {
        let server = try Server()
        let first = server.later()
        #expect(server.later() === first)
        #expect(server.takeLines() == [])
    }

    @Test func newFilesAreUsedForTheNextConnection() throws {
        let server = try Server()
        let first = server.later()
        let second = try server.certificates.authority.issue(["second"])
        server.write(second.certificate, to: "tls.crt")
        server.write(second.key, to: "tls.key")
        #expect(server.later(.milliseconds(500)) === first, "looked at more than once a second")
        let context = server.later()
        #expect(context !== first)
        #expect(server.takeLines() == ["TLS: read anew: \(server.folder.path)/tls.crt, \(server.folder.path)/tls.key"])
        let client = try TLSSession(try TLSContext(server.certificates.clientMaterial), serverName: "second")
        let peer = try TLSSession(context)
        let journal = SessionJournal()
        try client.start()
        try peer.receive(client.output, journal)
        try client.receive(peer.output, journal)
        #expect(client.isEstablished)
    }

    @Test func aPairThatDoesNotFitChangesNothingUntilItDoes() throws {
        let server = try Server()
        let first = server.later()
        let second = try server.certificates.authority.issue(["second"])
        server.write(second.certificate, to: "tls.crt")
        #expect(server.later() === first)
        #expect(
            server.takeLines() == [
                "TLS: the certificates in use stay, because of the new ones: the key in \(server.folder.path)/tls.key "
                    + "is not that of the certificate in \(server.folder.path)/tls.crt"
            ])
        #expect(server.later() === first)
        #expect(server.takeLines() == [], "told twice")
        server.write(second.key, to: "tls.key")
        #expect(server.later() !== first)
        #expect(server.takeLines().count == 1)
    }

    @Test func aFileThatIsGoneChangesNothing() throws {
        let server = try Server()
        let first = server.later()
        try FileSystem.removeFile(server.folder.path + "/tls.key")
        #expect(server.later() === first)
        #expect(server.takeLines().first?.hasSuffix("tls.key: No such file or directory") == true)
    }

    /// As the kubelet does it, by links.
    @Test func linksAreFollowed() throws {
        let server = try Server()
        let path = server.folder.path
        let second = try server.certificates.authority.issue(["second"])
        server.write(second.certificate, to: "2.tls.crt")
        server.write(second.key, to: "2.tls.key")
        for name in ["tls.crt", "tls.key"] {
            try FileSystem.rename("\(path)/\(name)", to: "\(path)/1.\(name)")
            #expect(unsafe symlink("\(path)/1.\(name)", "\(path)/\(name)") == 0)
        }
        let first = server.later()
        for name in ["tls.crt", "tls.key"] {
            #expect(unsafe symlink("\(path)/2.\(name)", "\(path)/new") == 0)
            try FileSystem.rename("\(path)/new", to: "\(path)/\(name)")
        }
        #expect(server.later() !== first)
    }

    /// As when there is no descriptor: the files are looked at, and cannot be opened.
    @Test func filesThatCouldNotBeReadAreTriedAgain() throws {
        final class Disk: Sendable {
            let isBroken = Mutex(false)
            let lines = Mutex<[String]>([])
        }
        let folder = TemporaryDirectory()
        defer { folder.remove() }
        let certificates = try Certificates()
        let path = folder.path + "/ca.crt"
        folder.write(String(decoding: certificates.authority.certificate, as: UTF8.self), to: "ca.crt")
        let disk = Disk()
        let credentials = try TLSCredentials(
            TLSMaterial(.client), files: TLSFiles(authorities: path),
            told: { line in disk.lines.withLock { $0.append(line) } },
            read: { path, limit in
                if disk.isBroken.withLock(\.self) { return .failure(SystemError("open \(path)", code: EMFILE)) }
                return TLSCredentials.readFile(path, limit)
            })
        let start = MonotonicClock.now
        let first = credentials.context(at: start)
        folder.write(String(decoding: try Certificates().authority.certificate, as: UTF8.self), to: "ca.crt")
        disk.isBroken.withLock { $0 = true }
        for second in 2..<5 { #expect(credentials.context(at: start + .seconds(second * 2)) === first) }
        #expect(
            disk.lines.withLock(\.self) == [
                "TLS: the certificates in use stay, because of the new ones: open \(path): Too many open files"
            ])
        disk.isBroken.withLock { $0 = false }
        #expect(credentials.context(at: start + .seconds(10)) !== first)
        #expect(disk.lines.withLock(\.self).last == "TLS: read anew: \(path)")
    }

    @Test func aFileThatIsTooLargeIsRefusedAndNotCut() throws {
        let folder = TemporaryDirectory()
        defer { folder.remove() }
        let pem = String(decoding: try Certificates().authority.certificate, as: UTF8.self)
        // The limit lies in a comment between two certificates: the first part would be a good file.
        folder.write(pem + String(repeating: "x", count: 1 << 20) + "\n" + pem, to: "ca.crt")
        let path = folder.path + "/ca.crt"
        #expect(throws: TLSFault(.authorities, "\(path) is larger than 1 MiB")) {
            try TLSCredentials(TLSMaterial(.client), files: TLSFiles(authorities: path))
        }
    }

    @Test func filesThatAreOfNoUseAtFirstAreRefused() throws {
        #expect(throws: TLSFault(.certificate, "open /nowhere/tls.crt: No such file or directory")) {
            try TLSCredentials(
                TLSMaterial(.server), files: TLSFiles(certificate: "/nowhere/tls.crt", key: "/nowhere/tls.key"))
        }
    }
}
