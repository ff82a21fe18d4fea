import Scoring

/// The part of the configuration that the daemon's decisions depend on.
struct DaemonSettings: Sendable, Hashable {
    /// Channel that the daemon acts for.
    var channel: String
    /// What is due when, and what becomes of it.
    var scheduling: ServiceConfiguration.RunSchedule
    /// How often, and after which waits, an attempt is repeated.
    var retry: ServiceConfiguration.Retry
    /// Another daemon takes over after so long without a sign of life.
    var lease: Duration
    /// Path of the file of figures for Prometheus; nil for none.
    var metricsFile: String?
    /// To be told at every run; nil for nothing.
    var transportWarning: String?
}

extension DaemonSettings {
    init(_ service: Scoring.Service) {
        let configuration = service.configuration
        self.init(
            channel: configuration.publish.channel, scheduling: configuration.scheduling, retry: configuration.retry,
            lease: configuration.timeouts.lease, metricsFile: configuration.metricsFile,
            transportWarning: service.transportWarning)
    }
}
