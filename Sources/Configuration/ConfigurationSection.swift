/// The values of one section: a property for each of its keys.
@dynamicMemberLookup
package struct ConfigurationSection<Keys: KeySection>: Sendable {
    let keys: Keys
    let settings: ConfigurationSettings

    /// The effective value of a key.
    package subscript<Value>(dynamicMember key: KeyPath<Keys, Key<Value>>) -> Value {
        settings[keys[keyPath: key]]
    }

    /// Whether any key of the section is set.
    var isSet: Bool { keys.keys.contains(where: settings.isSet) }
}
