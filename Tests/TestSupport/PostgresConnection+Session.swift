public import Postgres

extension PostgresConnection {
    /// Runs a closure over a connection of its own, which is closed afterwards.
    public static func withSession<Value: Sendable>(
        _ settings: ConnectionSettings, _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        let connection = try await open(settings)
        do {
            let value = try await connection.withSession(body)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}
