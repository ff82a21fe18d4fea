import Holdings
import Testing

@testable import SourceReading

/// Where `:as_of` in a query is the placeholder, and where it is text.
@Suite struct QueryTextTests {
    @Test(arguments: [
        ("select :as_of", "select @"),
        (":as_of", "@"),
        ("d=:as_of and(:as_of)<x,:as_of;", "d=@ and(@)<x,@;"),
        ("select :as_of::text, x::as_of, y :: as_of", "select @::text, x::as_of, y :: as_of"),
        (
            "select :as_of_date, :as_ofx, :as_of1, :as_of$, :as_ofé",
            "select :as_of_date, :as_ofx, :as_of1, :as_of$, :as_ofé"
        ),
        ("select ':as_of', :as_of, '''', ':as_of'", "select ':as_of', @, '''', ':as_of'"),
        ("select 'it''s :as_of', :as_of", "select 'it''s :as_of', @"),
        (#"select E'\':as_of', :as_of"#, #"select E'\':as_of', @"#),
        (#"select e'\\', :as_of"#, #"select e'\\', @"#),
        (#"select '\', :as_of, '\'"#, #"select '\', @, '\'"#),
        (#"select date':as_of', :as_of"#, #"select date':as_of', @"#),
        (#"select ":as_of", "a"":as_of", :as_of"#, #"select ":as_of", "a"":as_of", @"#),
        ("-- :as_of\nselect :as_of -- ':as_of\n, :as_of", "-- :as_of\nselect @ -- ':as_of\n, @"),
        ("/* :as_of /* :as_of */ :as_of */ :as_of", "/* :as_of /* :as_of */ :as_of */ @"),
        ("/* ' */ :as_of /* \" */", "/* ' */ @ /* \" */"),
        ("select $$:as_of$$, :as_of", "select $$:as_of$$, @"),
        ("select $tag$ :as_of $$ :as_of $tag$, :as_of", "select $tag$ :as_of $$ :as_of $tag$, @"),
        ("select $1, :as_of, $2", "select $1, @, $2"),
        ("select a$b$ , :as_of, c$b$", "select a$b$ , @, c$b$"),
        ("select $é$:as_of$é$, :as_of", "select $é$:as_of$é$, @"),
        ("select 1 - :as_of, 4 / :as_of", "select 1 - @, 4 / @"),
        ("select 'open :as_of", "select 'open :as_of"),
        ("select \"open :as_of", "select \"open :as_of"),
        ("/* open :as_of", "/* open :as_of"),
        ("$$ open :as_of", "$$ open :as_of"),
        (#"E'open \"#, #"E'open \"#),
        ("", ""),
        ("select 'ñ', :as_of, '日本'", "select 'ñ', @, '日本'"),
    ])
    func substitutes(query: String, expected: String) throws {
        let date = try #require(BusinessDate("2026-06-30"))
        let wanted = expected.replacing("@", with: "DATE '2026-06-30'")
        #expect(substituteAsOf(in: query, date) == wanted)
    }
}
