/// A section of a configuration as it is proposed, with what speaks for it, for people to look through.
package struct ProposedSection: Sendable, Hashable {
    /// Where its rows are.
    package enum Source: Sendable, Hashable {
        case relation(RelationName)
        /// A `SELECT`, in lines.
        case query(String)
    }

    /// What a key is set to.
    package enum Value: Sendable, Hashable {
        case name(String)
        case names([String])
        /// A key that needs no quotes, such as `transactions`.
        case word(String)
        /// Columns with a weight each.
        case weights([String: Double])
        /// Lists under words.
        case lists([String: [String]])
    }

    /// A key and its value.
    package struct Entry: Sendable, Hashable {
        package let key: String
        package let value: Value
        /// Whether it is set; otherwise it stands there to be taken in by hand.
        package let isSet: Bool
        /// What to know about it; nil where nothing is.
        package let why: String?

        init(_ key: String, _ value: Value, isSet: Bool = true, why: String? = nil) {
            (self.key, self.value, self.isSet, self.why) = (key, value, isSet, why)
        }
    }

    /// Another way to read the same rows, or other rows.
    package struct Other: Sendable, Hashable {
        /// When this one is right.
        package let why: String
        package let section: ProposedSection
    }

    /// The section's name in the file, such as `holdings`.
    package let name: String
    /// Why it is as it is, a sentence each.
    package var notes: [String] = []
    /// Where its rows are; nil for a section that has none.
    package var source: Source?
    package var entries: [Entry] = []
    /// What might be meant as well.
    package var others: [Other] = []
}
