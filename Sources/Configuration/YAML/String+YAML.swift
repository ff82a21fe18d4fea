extension String {
    /// This text as a double-quoted scalar of YAML, whatever is in it.
    package var yamlQuoted: String {
        let escaped = unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case ..<" ", "\u{7F}"..."\u{A0}", "\u{FEFF}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                escaped += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }
}
