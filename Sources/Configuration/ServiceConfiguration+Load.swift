import Foundation

extension ServiceConfiguration {
    /// Finds and reads the configuration file, then applies the environment and the overrides.
    ///
    /// - Parameters:
    ///   - file: The path that the user named, or nil to look for `$PEERFOLIO_CONFIG`, `peerfolio.yaml` in the current
    ///     directory, and `/etc/peerfolio/peerfolio.yaml`, in this order.
    ///   - environment: The process's environment.
    ///   - overrides: `KEY=VALUE` each, such as `model.k=100`; they win over the environment, which wins over the file.
    ///   - currentDirectory: Where relative paths start; the process's own by default.
    /// - Returns: The effective configuration.
    /// - Throws: `ConfigurationError` for the first mistake, a missing or unreadable file included.
    package static func load(
        file: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        overrides: [String] = [],
        currentDirectory: String = FileManager.default.currentDirectoryPath
    ) throws(ConfigurationError) -> ServiceConfiguration {
        let path = try chooseFile(named: file, environment: environment, currentDirectory: currentDirectory)
        let data = try read(path, currentDirectory: currentDirectory)
        guard let yaml = String(validating: data, as: UTF8.self) else {
            throw ConfigurationError(
                code: .fileUnreadable,
                message: "the file is not UTF-8 text; save it as UTF-8",
                location: path
            )
        }
        return try ServiceConfiguration(yaml: yaml, fileName: path, environment: environment, overrides: overrides)
    }

    /// The path as the user would write it, for messages as well.
    private static func chooseFile(
        named file: String?,
        environment: [String: String],
        currentDirectory: String
    ) throws(ConfigurationError) -> String {
        if let file { return file }
        if let path = environment["PEERFOLIO_CONFIG"], !path.isEmpty { return path }
        let usualPlaces = ["peerfolio.yaml", "/etc/peerfolio/peerfolio.yaml"]
        let found = usualPlaces.first { place in
            FileManager.default.fileExists(atPath: absolute(place, in: currentDirectory).path)
        }
        if let found { return found }
        throw ConfigurationError(
            code: .fileNotFound,
            message:
                "no configuration file: name one with --config or PEERFOLIO_CONFIG, or write peerfolio.yaml here or "
                + "/etc/peerfolio/peerfolio.yaml; a minimal one is: \(minimalExample)"
        )
    }

    private static func read(_ path: String, currentDirectory: String) throws(ConfigurationError) -> Data {
        let url = absolute(path, in: currentDirectory)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
            throw ConfigurationError(code: .fileNotFound, message: "there is no such file", location: path)
        }
        guard !isDirectory.boolValue else {
            throw ConfigurationError(
                code: .fileUnreadable,
                message: "this is a folder; name the file in it",
                location: path
            )
        }
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            let data = try handle.read(upToCount: maximumByteCount + 1) ?? Data()
            guard data.count <= maximumByteCount else {
                throw ConfigurationError(
                    code: .fileUnreadable,
                    message: "larger than 1 MiB, so not a configuration",
                    location: path
                )
            }
            return data
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(
                code: .fileUnreadable,
                message: "the file cannot be read; check its permissions",
                location: path
            )
        }
    }

    private static func absolute(_ path: String, in directory: String) -> URL {
        URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: directory, isDirectory: true))
    }

    /// Far more than any configuration; a wrong path to a data file or a device must not fill the memory.
    private static let maximumByteCount = 1 << 20
}
