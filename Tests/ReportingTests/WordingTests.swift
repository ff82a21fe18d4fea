import Testing

@testable import Reporting

@Suite struct WordingTests {
    @Test func numbersAreWrittenForPeople() {
        #expect(Wording.count(0) == "0")
        #expect(Wording.count(1234) == "1,234")
        #expect(Wording.count(-1_234_567) == "−1,234,567")
        #expect(Wording.count(nil) == "–")
        #expect(Wording.fixed(0.41249, 3) == "0.412")
        #expect(Wording.fixed(-0.0001, 3) == "0.000")
        #expect(Wording.fixed(-0.5, 1) == "−0.5")
        #expect(Wording.signed(0.09, 2) == "+0.09")
        #expect(Wording.percent(0.1234) == "12.3%")
        #expect(Wording.duration(milliseconds: 592) == "592 ms")
        #expect(Wording.duration(milliseconds: 16_240) == "16.2 s")
        #expect(Wording.duration(milliseconds: 5_400_000) == "90.0 min")
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func whatIsNotANumberIsADash(_ number: Double) {
        #expect(Wording.fixed(number, 2) == "–")
        #expect(Wording.signed(number, 2) == "–")
        #expect(Wording.percent(number) == "–")
    }

    @Test func unknownNamesStayAsTheyAre() {
        #expect(Wording.method("item_conditional") == "Item-conditional")
        #expect(Wording.method("transformer") == "transformer")
        #expect(Wording.metric("hit_rate@3") == "Hit rate@3")
        #expect(Wording.metric("novelty@5") == "novelty@5")
        #expect(Wording.reason("PEERS") == "From similar portfolios")
        #expect(Wording.reason("NEWS") == "NEWS")
    }
}
