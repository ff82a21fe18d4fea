import Foundation
import Testing

/// FAR-Trans: real holdings of the clients of a European bank.
///
/// It is not part of the repository. J. Sanz-Cruzado, N. Droukas, R. McCreadie, "FAR-Trans: An Investment Dataset for Financial Asset Recommendation",
/// arXiv:2407.08692; data doi:10.5525/gla.researchdata.1658, CC BY 4.0.
enum FarTrans {
    /// A file of the data set, with the columns of the table that takes it.
    enum File: String, CaseIterable {
        /// Pairs of customer and instrument ever traded up to the day, 2021-01-01.
        case positions = "positions_2021-01-01.csv"
        /// The same half a year later.
        case laterPositions = "positions_2021-07-01.csv"
        /// The same half a year before, and a year before.
        case earlierPositions = "positions_2020-07-01.csv"
        case earliestPositions = "positions_2020-01-01.csv"
        /// The value of the open positions that could be priced, 2021-07-01.
        case laterValues = "position_values_2021-07-01.csv"
        /// Every customer, those who never traded included.
        case customers = "customers.csv"
        /// Every instrument. Names contain commas, quotes and Greek letters.
        case assets = "assets.csv"

        /// The table in schema `bank`.
        var table: String {
            switch self {
            case .positions: "bank.positions"
            case .laterPositions: "bank.later_positions"
            case .earlierPositions: "bank.earlier_positions"
            case .earliestPositions: "bank.earliest_positions"
            case .laterValues: "bank.later_values"
            case .customers: "bank.customers"
            case .assets: "bank.assets"
            }
        }

        /// The columns of the table, in the order of the file.
        var columns: String {
            switch self {
            case .positions, .laterPositions, .earlierPositions, .earliestPositions:
                "customer_id text, isin text, net_units double precision, primary key (customer_id, isin)"
            case .laterValues:
                "customer_id text, isin text, value_eur numeric, primary key (customer_id, isin)"
            case .customers:
                "customer_id text primary key, customer_type text, risk_level text, investment_capacity text"
            case .assets:
                """
                isin text primary key, asset_name text, asset_category text, asset_sub_category text, market_id text,
                sector text, industry text
                """
            }
        }

        /// The bytes of the file, a header and comma-separated values.
        func contents() throws -> Data {
            try Data(contentsOf: FarTrans.folder.appending(path: rawValue))
        }
    }

    /// Where the files are: `far-trans` in `$PEERFOLIO_TEST_DATA`, or in `../shared/data` beside the package.
    static var folder: URL {
        if let data = ProcessInfo.processInfo.environment["PEERFOLIO_TEST_DATA"], !data.isEmpty {
            return URL(filePath: data).appending(path: "far-trans")
        }
        return URL(filePath: #filePath).appending(path: "../../../../shared/data/far-trans").standardized
    }

    static var isPresent: Bool {
        File.allCases.allSatisfy { file in
            FileManager.default.isReadableFile(atPath: folder.appending(path: file.rawValue).path)
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where the data set is not at hand.
    static var requiresFarTrans: Self {
        .enabled(
            if: FarTrans.isPresent,
            "the real data set FAR-Trans is absent: name the folder that contains far-trans in PEERFOLIO_TEST_DATA")
    }
}
