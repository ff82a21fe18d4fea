/// Words of a name, such as `client_id`, `ClientID` or `код_клиента`, in lower case and Latin letters.
///
/// Cyrillic is transliterated and accents are dropped, so that `код_клиента`, `kod_klienta` and `Kod_Klienta` are the same
/// words, and one vocabulary serves all of them.
enum FoldedWords {
    /// The words, as they are written but for case.
    static func words(of name: String) -> [String] {
        var words: [String] = []
        var wasLower = false
        for character in name {
            guard character.isLetter || character.isNumber else {
                wasLower = false
                if words.last?.isEmpty == false { words.append("") }
                continue
            }
            if words.isEmpty || character.isUppercase && wasLower { words.append("") }
            words[words.count - 1] += character.lowercased()
            wasLower = character.isLowercase
        }
        return words.filter { !$0.isEmpty }
    }

    /// The words in Latin letters.
    static func folded(_ name: String) -> [String] { words(of: name).map(fold) }

    /// A text in lower-case Latin letters, as far as its letters are known.
    static func fold(_ text: String) -> String {
        text.lowercased().reduce(into: "") { $0 += letters[$1] ?? String($1) }
    }

    private static let letters: [Character: String] = {
        var letters: [Character: String] = [:]
        let cyrillic = [
            "а a", "б b", "в v", "г g", "ґ g", "д d", "е e", "ё e", "є e", "ж zh", "з z", "и i", "і i", "ї i", "й j",
            "к k", "л l", "м m", "н n", "о o", "п p", "р r", "с s", "т t", "у u", "ў u", "ф f", "х kh", "ц ts", "ч ch",
            "ш sh", "щ shch", "ъ ", "ы y", "ь ", "э e", "ю yu", "я ya",
        ]
        for pair in cyrillic {
            guard let letter = pair.first else { continue }
            letters[letter] = String(pair.dropFirst(2))
        }
        let accented = [
            "a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđ", "e": "èéêëēĕėęě", "g": "ĝğġģ", "i": "ìíîïĩīĭįı", "l": "ĺļľł",
            "n": "ñńņň", "o": "òóôõöøōŏő", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťț", "u": "ùúûüũūŭůűų", "y": "ýÿ",
            "z": "źżž", "ss": "ß", "ae": "æ", "oe": "œ",
        ]
        for (plain, forms) in accented {
            for letter in forms { letters[letter] = plain }
        }
        return letters
    }()
}
