import Foundation
import TestSupport
import Testing

/// Connections to another machine: encrypted, to the right server, and no password to anybody else.
@Suite(.requiresServer, .requiresTLS, .serialized) struct TransportTests {
    private static func cluster(showing pair: String) -> TransportTrial.Server {
        .cluster(["ssl_cert_file": "$/\(pair).crt", "ssl_key_file": "$/\(pair).key"])
    }

    private static let passwordFile = Canary.password.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
    private static let line = "\(TLSCluster.host):PORT:*:*:\(passwordFile)\n"
    private static let allow = ["--set", "transport.allow_insecure=true"]
    private static let clientCertificate = "sslrootcert=$/authority.crt sslcert=$/client.crt sslkey=$/client.key"
    private static let bothCertificate = "sslrootcert=$/authority.crt sslcert=$/both.crt sslkey=$/both.key"

    private static let servers: [TransportTrial] = [
        TransportTrial(name: "the right server", ending: .connected),
        TransportTrial(
            name: "a certificate of another authority", server: cluster(showing: "foreign"),
            ending: .refused(69, ["is not signed by an authority in sslrootcert", "no password was sent"])),
        TransportTrial(
            name: "the wrong authority", options: "sslrootcert=$/other.crt",
            ending: .refused(69, ["is not signed by an authority in sslrootcert"])),
        TransportTrial(
            name: "a certificate for another name", server: cluster(showing: "misnamed"),
            ending: .refused(69, ["certificate is for another name", "db2.peerfolio.test"])),
        TransportTrial(
            name: "an expired certificate", server: cluster(showing: "expired"),
            ending: .refused(69, ["not valid now", "renew"])),
        TransportTrial(
            name: "a server without TLS", server: .cluster(["ssl": "off"]),
            ending: .refused(69, ["does not encrypt", "ssl = on"])),
        TransportTrial(
            name: "a fake without TLS", server: .fake(.cleartext), ending: .refused(69, ["does not encrypt"])),
        TransportTrial(
            name: "a fake with a certificate of its own", server: .fake(.cleartext, certificate: "foreign"),
            ending: .refused(69, ["is not signed by"])),
        TransportTrial(
            name: "downgrade to the password in clear", server: .fake(.cleartext, certificate: "server"),
            ending: .refused(69, ["did not prove that it knows the role's password"])),
        TransportTrial(
            name: "downgrade to MD5", server: .fake(.md5, certificate: "server"),
            ending: .refused(69, ["did not prove", "scram-sha-256"])),
        TransportTrial(
            name: "downgrade to SCRAM without binding", server: .fake(.scram, certificate: "server"),
            ending: .refused(69, ["did not prove"])),
        TransportTrial(
            name: "downgrade to no password at all", server: .fake(.nothing, certificate: "server"),
            ending: .refused(69, ["did not prove"])),
        TransportTrial(
            name: "a real server that asks for the password in clear", role: .clear,
            ending: .refused(69, ["did not prove"])),
        TransportTrial(name: "a real server with an MD5 password", role: .md5, ending: .refused(69, ["did not prove"])),
        TransportTrial(
            name: "a real server that asks nothing", role: .nothing, ending: .refused(69, ["did not prove"])),
        TransportTrial(
            name: "Kerberos without a ticket", server: .fake(.cleartext), options: "gssencmode=require",
            ending: .refused(69, ["no encryption by Kerberos"])),
        TransportTrial(
            name: "the second of two hosts",
            connection: { cluster, port in
                "host=127.0.0.1,\(TLSCluster.host) hostaddr=127.0.0.1,127.0.0.1 port=1,\(port) dbname=postgres user=\(TLSCluster.Role.scram.rawValue)"
            }, ending: .connected),
        TransportTrial(
            name: "the second of two hosts refuses",
            connection: { cluster, port in
                "host=127.0.0.1,\(TLSCluster.host) hostaddr=127.0.0.1,127.0.0.1 port=1,\(port) dbname=postgres user=\(TLSCluster.Role.scram.rawValue)"
            }, environment: [:], ending: .refused(64, ["no password supplied"])),
    ]

    private static let defaults: [TransportTrial] = [
        TransportTrial(
            name: "no root certificate", server: .fake(.cleartext), options: "",
            ending: .refusedAtOnce(["root.crt' does not exist", "sslrootcert", "ca-certificates.crt"])),
        TransportTrial(
            name: "a root certificate that is missing", server: .fake(.cleartext), options: "sslrootcert=$/absent.crt",
            ending: .refusedAtOnce(["absent.crt' does not exist"])),
        TransportTrial(
            name: "an address that is not this machine's", server: .fake(.cleartext),
            connection: { _, _ in "hostaddr=192.0.2.1 user=u dbname=d" }, options: "sslmode=prefer",
            ending: .refusedAtOnce(["192.0.2.1 is not on this machine", "sslmode=prefer", "transport.allow_insecure"])),
        TransportTrial(
            name: "one of several hosts", server: .fake(.cleartext),
            connection: { _, port in "host=localhost,db.example port=\(port) user=u dbname=d" }, options: "",
            ending: .refusedAtOnce(["db.example cannot be verified"])),
        TransportTrial(
            name: "a host of the environment", server: .fake(.cleartext), connection: { _, port in "port=\(port)" },
            options: "", environment: ["PGHOST": "db.example", "PGPASSWORD": Canary.password],
            ending: .refusedAtOnce(["db.example cannot be verified"])),
        TransportTrial(
            name: "an address of the environment", server: .fake(.cleartext),
            connection: { _, port in "port=\(port)" }, options: "",
            environment: ["PGHOSTADDR": "192.0.2.1", "PGPASSWORD": Canary.password],
            ending: .refusedAtOnce(["192.0.2.1 cannot be verified"])),
        TransportTrial(
            name: "a host of the service file", server: .fake(.cleartext), connection: { _, _ in "service=warehouse" },
            options: "", environment: ["PGSERVICEFILE": "$/services"],
            files: [("services", "[warehouse]\nhost=db.example\npassword=\(Canary.password)\n", 0o600)],
            ending: .refusedAtOnce(["db.example cannot be verified"])),
        TransportTrial(
            name: "sslmode of the service file", server: .fake(.cleartext),
            connection: { _, _ in "service=warehouse" }, options: "", environment: ["PGSERVICEFILE": "$/services"],
            files: [("services", "[warehouse]\nhost=db.example\nsslmode=require\n", 0o600)],
            ending: .refusedAtOnce(["sslmode=require", "transport.allow_insecure"])),
        TransportTrial(
            name: "sslmode of the environment", server: .fake(.cleartext),
            environment: ["PGSSLMODE": "prefer", "PGPASSWORD": Canary.password],
            ending: .refusedAtOnce(["sslmode=prefer", "transport.allow_insecure"])),
        TransportTrial(
            name: "channel_binding of the environment", server: .fake(.cleartext, certificate: "server"),
            environment: ["PGCHANNELBINDING": "prefer", "PGPASSWORD": Canary.password],
            ending: .refusedAtOnce(["channel_binding=prefer", "transport.allow_insecure"])),
        TransportTrial(
            name: "an old TLS", server: .fake(.cleartext, certificate: "server"),
            options: "sslrootcert=$/authority.crt ssl_min_protocol_version=TLSv1",
            ending: .refusedAtOnce(["ssl_min_protocol_version=TLSv1"])),
    ]

    private static let named: [TransportTrial] =
        ["disable", "allow", "prefer", "require", "verify-ca"].map { mode in
            TransportTrial(
                name: "sslmode=\(mode)", server: .fake(.cleartext),
                options: "sslrootcert=$/authority.crt sslmode=\(mode)",
                ending: .refusedAtOnce(["sslmode=\(mode)", "transport.allow_insecure"]))
        } + [
            TransportTrial(
                name: "channel_binding=disable", server: .fake(.cleartext, certificate: "server"),
                options: "sslrootcert=$/authority.crt channel_binding=disable",
                ending: .refusedAtOnce(["channel_binding=disable", "transport.allow_insecure"])),
            TransportTrial(
                name: "allowed, and nothing weaker named", options: "", arguments: allow,
                ending: .refusedAtOnce(["root.crt' does not exist"])),
            TransportTrial(
                name: "allowed by name", role: .md5, options: "sslmode=require channel_binding=prefer",
                arguments: allow, ending: .warned(["sslmode=require channel_binding=prefer", TLSCluster.host])),
            TransportTrial(
                name: "allowed by the environment, SCRAM bound all the same", options: "sslmode=require",
                environment: ["PEERFOLIO_TRANSPORT_ALLOW_INSECURE": "true", "PGPASSWORD": Canary.password],
                ending: .warned(["sslmode=require"])),
            TransportTrial(
                name: "the password that is lost without all this", server: .fake(.cleartext),
                options: "sslmode=prefer", arguments: allow, ending: .betrayed),
            TransportTrial(
                name: "the same, encrypted for the wrong one", server: .fake(.cleartext, certificate: "foreign"),
                options: "sslmode=require channel_binding=prefer", arguments: allow, ending: .betrayed),
        ]

    private static let clients: [TransportTrial] = [
        TransportTrial(
            name: "a client's certificate", role: .certificate, options: clientCertificate, environment: [:],
            ending: .connected),
        TransportTrial(
            name: "a client's certificate, with an entry in the password file", role: .certificate,
            options: clientCertificate, environment: [:], files: [(".pgpass", line, 0o600)],
            ending: .refused(69, ["did not prove", "sslcert and no password anywhere"])),
        TransportTrial(
            name: "a client's certificate and a password", role: .both, options: bothCertificate, ending: .connected),
        TransportTrial(
            name: "downgrade with a client's certificate and a password",
            server: .fake(.cleartext, certificate: "server"), role: .both, options: bothCertificate,
            ending: .refused(69, ["did not prove"])),
        TransportTrial(
            name: "channel_binding=prefer with a client's certificate and a password",
            server: .fake(.cleartext, certificate: "server"), role: .both,
            options: bothCertificate + " channel_binding=prefer",
            ending: .refusedAtOnce(["channel_binding=prefer", "transport.allow_insecure"])),
    ]

    private static let passwords: [TransportTrial] = [
        TransportTrial(
            name: "the password file at home", environment: [:], files: [(".pgpass", line, 0o600)], ending: .connected),
        TransportTrial(
            name: "a password file that root has made for reading", environment: ["PGPASSFILE": "$/credential"],
            files: [("credential", line, 0o400)], ending: .connected),
        TransportTrial(
            name: "passfile in the connection string", options: "sslrootcert=$/authority.crt passfile=$/named",
            environment: [:], files: [("named", line, 0o600)], ending: .connected),
        TransportTrial(
            name: "the service file", connection: { _, _ in "service=warehouse" }, options: "",
            environment: ["PGSERVICEFILE": "$/services"],
            files: [
                (
                    "services",
                    """
                    [warehouse]
                    host=\(TLSCluster.host)
                    hostaddr=127.0.0.1
                    port=PORT
                    dbname=postgres
                    user=\(TLSCluster.Role.scram.rawValue)
                    password=\(Canary.password)
                    sslrootcert=$/authority.crt

                    """, 0o600
                )
            ], ending: .connected),
        TransportTrial(
            name: "a password file that all can read", environment: [:], files: [(".pgpass", line, 0o644)],
            ending: .refusedAtOnce(["mode 0644", "chmod 600 '", ".pgpass'"])),
        TransportTrial(
            name: "PGPASSFILE that a group can read", environment: ["PGPASSFILE": "$/named"],
            files: [("named", line, 0o640)], ending: .refusedAtOnce(["mode 0640", "chmod 600 '"])),
        TransportTrial(
            name: "a passfile of the service file that all can read", connection: { _, _ in "service=warehouse" },
            options: "", environment: ["PGSERVICEFILE": "$/services"],
            files: [
                ("services", "[warehouse]\nhost=localhost\npassfile=$/named\n", 0o600), ("named", line, 0o604),
            ], ending: .refusedAtOnce(["mode 0604", "chmod 600 '"])),
        TransportTrial(
            name: "a service file with a password that all can read", connection: { _, _ in "service=warehouse" },
            options: "", environment: ["PGSERVICEFILE": "$/services"],
            files: [("services", "[other]\n[warehouse]\nhost=localhost\npassword=\(Canary.password)\n", 0o644)],
            ending: .refusedAtOnce(["service file", "mode 0644", "chmod 600 '"])),
        TransportTrial(
            name: "a password file that is a folder", environment: ["PGPASSFILE": "$/data"],
            ending: .refusedAtOnce(["is no plain file"])),
        TransportTrial(
            name: "no password anywhere", environment: [:],
            ending: .refused(64, ["no password supplied", "there is no password file", ".pgpass"])),
        TransportTrial(
            name: "a password file without the server", environment: [:],
            files: [(".pgpass", "elsewhere:*:*:*:x\n", 0o600)],
            ending: .refused(64, ["no password supplied", "has no line for this host"])),
        TransportTrial(
            name: "a password in the connection string", options: "password='\(Canary.password.prefix(8))'",
            ending: .refusedAtOnce(["holds a password", "PGPASSWORD"])),
        TransportTrial(
            name: "a password in a URI",
            connection: { _, port in "postgresql://app:Zeisig%404711@\(TLSCluster.host):\(port)/postgres" },
            options: "",
            ending: .refusedAtOnce(["password", "PGPASSWORD"])),
        TransportTrial(
            name: "an @ as it is in a URI",
            connection: { _, port in "postgresql://app:Zeisig@geheim@127.0.0.1:\(port)/postgres" }, options: "",
            ending: .refusedAtOnce(["password", "%40"])),
        TransportTrial(
            name: "a / as it is in a URI",
            connection: { _, port in "postgresql://app:4711/geheim@127.0.0.1:\(port)/postgres" }, options: "",
            ending: .refusedAtOnce(["password", "%2F"])),
        TransportTrial(
            name: "a URI in the wrong place",
            arguments: ["postgresql://app:Zeisig@geheim@127.0.0.1/postgres"],
            ending: .refusedAtOnce(["Unexpected", "***"])),
    ]

    /// R19 of the catalog: all in one, since they share the cluster.
    @Test func everyTrialEndsAsItMust() async throws {
        let trials = Self.servers + Self.defaults + Self.named + Self.clients + Self.passwords
        try await TLSCluster.with { cluster in
            var passed = 0
            for (index, trial) in trials.enumerated() {
                let violations = try await trial.violations(cluster)
                #expect(violations.isEmpty, "\(index + 1), \(trial.name)")
                if violations.isEmpty { passed += 1 }
            }
            print("transport trials (R19): \(passed) of \(trials.count)")
        }
    }
}
