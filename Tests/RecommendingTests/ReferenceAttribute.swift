import PeerSearch
import TestSupport

/// An attribute of clients as the warehouse has it: a weight, and a text, a number or nothing for each client.
struct ReferenceAttribute {
    enum Value {
        case text(String)
        case number(Double)
    }

    var weight: Double
    var values: [Value?]

    /// An attribute of texts or of numbers, of which some may be missing.
    static func random(clientCount: Int, using random: inout SeededGenerator) -> ReferenceAttribute {
        let isText = Bool.random(using: &random)
        let values = (0..<clientCount).map { _ -> Value? in
            if Int.random(in: 0..<5, using: &random) == 0 { return nil }
            return isText
                ? .text(["a", "b", "c"].randomElement(using: &random) ?? "a")
                : .number(Double(Int.random(in: -2...2, using: &random)))
        }
        let weight: Double = [0.1, 0.5, 1, 2, 100].randomElement(using: &random) ?? 1
        return ReferenceAttribute(weight: weight, values: values)
    }

    /// What each client's vector gets, one element per column: one-hot, or the weighted quantile by the middle rank.
    var columns: [[Double]] {
        var texts: Set<String> = []
        var numbers: [Double] = []
        for value in values {
            switch value {
            case .text(let text): texts.insert(text)
            case .number(let number): numbers.append(number)
            case nil: break
            }
        }
        var quantiles: [Double: Double] = [:]
        for number in Set(numbers) {
            let (less, equal) = (numbers.count { $0 < number }, numbers.count { $0 == number })
            quantiles[number] = (Double(less) + Double(equal) / 2) / Double(numbers.count)
        }
        let categories = texts.sorted()
        return values.map { value in
            switch value {
            case .text(let own): categories.map { $0 == own ? weight : 0 }
            case .number(let own): [weight * (quantiles[own] ?? 0)]
            case nil: texts.isEmpty ? [0] : texts.map { _ in 0 }
            }
        }
    }

    /// The attribute as the engine takes it.
    var engineAttribute: ClientAttribute {
        let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
        guard texts.isEmpty else {
            let categories = Set(texts).sorted()
            let indexes = values.map { value -> Int32 in
                guard case .text(let text) = value else { return -1 }
                return Int32(categories.firstIndex(of: text) ?? 0)
            }
            return ClientAttribute(name: "text", weight: weight, values: .categories(indexes))
        }
        let numbers = values.map { if case .number(let number) = $0 { number } else { Double.nan } }
        return ClientAttribute(name: "number", weight: weight, values: .numbers(numbers))
    }
}
