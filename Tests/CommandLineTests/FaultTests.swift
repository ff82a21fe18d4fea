import TestSupport
import Testing

/// What breaks: processes, connections, poolers.
///
/// One after the other, since each loads the machine.
@Suite(.requiresServer, .serialized) enum FaultTests {}
