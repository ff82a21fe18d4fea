// The bodies of all kernels, written once. They are generic over a shape, and inlined into the modules that are built for
// one instruction set, which compile them with their own instructions. Whatever is not inlined carries the name of the
// shape in its symbol, so that no two modules ever share code.

/// How an instruction set computes: its vector, its tile, and what the generic operators of SIMD types do lane by lane.
public protocol KernelShape {
    /// The widest vector of the registers.
    associatedtype Vector: SIMD where Vector.Scalar == Float

    /// Queries in a tile.
    static var tileHeight: Int { get }
    /// Vectors in a tile, at most 4; its sums, height times width, at most 24, must fit the registers.
    static var tileWidth: Int { get }

    /// Adds the products of sixteen lanes to their sums.
    static func addProducts(_ left: SIMD16<Float>, _ right: SIMD16<Float>, to sums: inout SIMD16<Float>)
    /// Adds the products of a vector's lanes to their sums.
    static func addProduct(_ left: Vector, _ right: Vector, to sums: inout Vector)
    /// Adds the lesser of two values, lane by lane.
    static func addMinimum(_ left: Vector, _ right: Vector, to sums: inout Vector)
    /// Whether any lane is at least the floor.
    static func isAny(of scores: Vector, atLeast floor: Float) -> Bool
}

/// A number of columns that is known when a kernel is compiled.
public enum ColumnCount<let count: Int> {}

/// A number of digits that is known when a kernel is compiled.
public enum DigitCount<let count: Int> {}

/// The kernels of one shape.
public enum KernelBody<Shape: KernelShape> {
    /// The body of the computation of scores.
    @inlinable @inline(__always)
    public static func score(
        _ groups: LaneGroups, for query: LaneQuery, candidates: UnsafePointer<Int32>, count: Int,
        into scores: UnsafeMutablePointer<SIMD16<Float>>
    ) {
        switch query.overlap {
        case .product: score(groups, query, candidates, count, scores) { Shape.addProducts($0, $1, to: &$2) }
        case .minimum:
            score(groups, query, candidates, count, scores) { $2 += $0.replacing(with: $1, where: $1 .< $0) }
        }
    }

    /// Most queries have few columns: with their number known, values and places stay in registers, and no loop has an
    /// end that the processor fails to foresee.
    @inlinable @inline(__always)
    static func score(
        _ groups: LaneGroups, _ query: LaneQuery, _ candidates: UnsafePointer<Int32>, _ count: Int,
        _ scores: UnsafeMutablePointer<SIMD16<Float>>,
        _ add: (SIMD16<Float>, SIMD16<Float>, inout SIMD16<Float>) -> Void
    ) {
        switch query.count {
        case 0: score(groups, query, ColumnCount<0>.self, candidates, count, scores, add)
        case 1: score(groups, query, ColumnCount<1>.self, candidates, count, scores, add)
        case 2: score(groups, query, ColumnCount<2>.self, candidates, count, scores, add)
        case 3: score(groups, query, ColumnCount<3>.self, candidates, count, scores, add)
        case 4: score(groups, query, ColumnCount<4>.self, candidates, count, scores, add)
        case 5: score(groups, query, ColumnCount<5>.self, candidates, count, scores, add)
        case 6: score(groups, query, ColumnCount<6>.self, candidates, count, scores, add)
        default: score(groups, query, ColumnCount<7>.self, candidates, count, scores, add)
        }
    }

    /// Computes scores for a query with exactly `columnCount` columns, or with more when that is 7.
    ///
    /// There is no branch on a score: a wrong guess of the processor would make it wait for memory, group by group,
    /// instead of having several groups on their way.
    @inlinable @inline(__always)
    static func score<let columnCount: Int>(
        _ groups: LaneGroups, _ query: LaneQuery, _: ColumnCount<columnCount>.Type,
        _ candidates: UnsafePointer<Int32>, _ count: Int, _ scores: UnsafeMutablePointer<SIMD16<Float>>,
        _ add: (SIMD16<Float>, SIMD16<Float>, inout SIMD16<Float>) -> Void
    ) {
        let none = SIMD16<Float>(repeating: -.infinity)
        var values = InlineArray<columnCount, SIMD16<Float>>(repeating: SIMD16(repeating: 0))
        var places = InlineArray<columnCount, Int>(repeating: 0)
        for index in 0..<columnCount {
            values[unchecked: index] = SIMD16(repeating: query.values[index])
            places[unchecked: index] = Int(query.columns[index])
        }
        for candidate in 0..<count {
            let group = Int(candidates[candidate])
            let columns = groups.values + group &* groups.columnCount
            var sums = groups.starts[group]
            for index in 0..<columnCount {
                add(values[unchecked: index], columns[places[unchecked: index]], &sums)
            }
            if columnCount == 7 {
                for index in 7..<query.count {
                    add(SIMD16(repeating: query.values[index]), columns[Int(query.columns[index])], &sums)
                }
            }
            scores[candidate] = none.replacing(with: sums, where: isOfInterest(group, groups, query))
        }
    }

    /// The lanes of a group that are of interest.
    @inlinable @inline(__always)
    static func isOfInterest(_ group: Int, _ groups: LaneGroups, _ query: LaneQuery) -> SIMDMask<SIMD16<Int32>> {
        let supports = groups.supports + group &* groups.wordCount
        var outside = supports[0] & SIMD16(repeating: query.outside[0])
        var inside = supports[0] & SIMD16(repeating: query.inside[0])
        if groups.wordCount > 1 {
            for word in 1..<groups.wordCount {
                outside |= supports[word] & SIMD16(repeating: query.outside[word])
                inside |= supports[word] & SIMD16(repeating: query.inside[word])
            }
        }
        return (outside .!= .zero) .& (inside .!= .zero)
    }

    /// Appends the lanes that were hit.
    @inlinable @inline(__always)
    static func append(
        _ scores: SIMD16<Float>, _ isHit: SIMDMask<SIMD16<Int32>>, firstPosition: Int32,
        _ hits: inout LaneList
    ) {
        // A byte for each lane, 1 for a hit; a multiplication makes eight bytes the bits of one.
        let flags = SIMD16<Int32>.zero.replacing(with: SIMD16(repeating: 1), where: isHit)
        let bytes = unsafeBitCast(SIMD16<UInt8>(truncatingIfNeeded: flags), to: SIMD2<UInt64>.self)
        let low = (UInt64(littleEndian: bytes[0]) &* 0x0102_0408_1020_4080) >> 56
        let high = (UInt64(littleEndian: bytes[1]) &* 0x0102_0408_1020_4080) >> 56
        let hitLanes = high << 8 | low
        withUnsafeBytes(of: scores) { bytes in
            let scores = bytes.assumingMemoryBound(to: Float.self)
            var rest = hitLanes
            var place = hits.count
            // Four at a time, needed or not: how many lanes are hit cannot be predicted, but seldom more.
            while rest != 0 {
                for _ in 0..<4 {
                    let lane = rest.trailingZeroBitCount & 15
                    rest &= rest &- 1
                    hits.positions[place] = firstPosition &+ Int32(truncatingIfNeeded: lane)
                    hits.scores[place] = scores[lane]
                    place &+= 1
                }
            }
        }
        hits.count &+= hitLanes.nonzeroBitCount
    }

    /// The body of the search for a batch of queries.
    @inlinable @inline(__always)
    public static func search(
        _ groups: LaneGroups, for batch: LaneBatch, candidates: UnsafePointer<Int32>, count: Int,
        into hits: UnsafeMutablePointer<LaneList>
    ) {
        guard batch.queryCount > 0 else { return }
        switch batch.queries[0].overlap {
        case .product:
            search(groups, batch, candidates, count, hits) { Shape.addProduct($0, $1, to: &$2) }
        case .minimum:
            search(groups, batch, candidates, count, hits) { Shape.addMinimum($0, $1, to: &$2) }
        }
    }

    @inlinable @inline(__always)
    static func search(
        _ groups: LaneGroups, _ batch: LaneBatch, _ candidates: UnsafePointer<Int32>, _ count: Int,
        _ hits: UnsafeMutablePointer<LaneList>, _ add: (Shape.Vector, Shape.Vector, inout Shape.Vector) -> Void
    ) {
        let vectorsPerGroup = LaneGroups.laneCount / Shape.Vector.scalarCount
        let vectorCount = count &* vectorsPerGroup
        let values = UnsafeRawPointer(groups.values).assumingMemoryBound(to: Shape.Vector.self)
        let starts = UnsafeRawPointer(groups.starts).assumingMemoryBound(to: Shape.Vector.self)
        var first = 0
        while first < vectorCount {
            // A tile that reaches beyond the end works on the last vector again, and forgets the result.
            var columns = InlineArray<4, UnsafePointer<Shape.Vector>>(repeating: values)
            var start = InlineArray<4, Shape.Vector>(repeating: Shape.Vector(repeating: 0))
            for index in 0..<Shape.tileWidth {
                let vector = min(first &+ index, vectorCount &- 1)
                let group = Int(candidates[vector / vectorsPerGroup])
                let part = vector % vectorsPerGroup
                columns[unchecked: index] = values + (group &* groups.columnCount &* vectorsPerGroup &+ part)
                start[unchecked: index] = starts[group &* vectorsPerGroup &+ part]
            }
            var row = 0
            while row < batch.queryCount {
                let queryValues = batch.values + row &* batch.columnCount
                var sums = InlineArray<24, Shape.Vector>(repeating: Shape.Vector(repeating: 0))
                for query in 0..<Shape.tileHeight {
                    for index in 0..<Shape.tileWidth {
                        sums[unchecked: query &* Shape.tileWidth &+ index] = start[unchecked: index]
                    }
                }
                for column in 0..<batch.columnCount {
                    let offset = Int(batch.columns[column]) &* vectorsPerGroup
                    for query in 0..<Shape.tileHeight {
                        let value = Shape.Vector(repeating: queryValues[column &* Shape.tileHeight &+ query])
                        for index in 0..<Shape.tileWidth {
                            add(
                                value, columns[unchecked: index][offset],
                                &sums[unchecked: query &* Shape.tileWidth &+ index])
                        }
                    }
                }
                // A copy, so that the sums themselves never leave the registers: the loop below is not unrolled.
                let results = sums
                for query in 0..<Shape.tileHeight {
                    let floor = batch.floors[row &+ query]
                    for index in 0..<Shape.tileWidth {
                        let scores = results[unchecked: query &* Shape.tileWidth &+ index]
                        if Shape.isAny(of: scores, atLeast: floor), first &+ index < vectorCount {
                            let vector = first &+ index
                            append(
                                scores, floor: floor, group: Int(candidates[vector / vectorsPerGroup]),
                                part: vector % vectorsPerGroup,
                                groups, batch.queries[row &+ query], &hits[row &+ query])
                        }
                    }
                }
                row &+= Shape.tileHeight
            }
            first &+= Shape.tileWidth
        }
    }

    /// Appends the lanes of a part of a group that were hit and are of interest.
    @inlinable @inline(__always)
    static func append(
        _ scores: Shape.Vector, floor: Float, group: Int, part: Int, _ groups: LaneGroups, _ query: LaneQuery,
        _ hits: inout LaneList
    ) {
        let floors = SIMD16<Float>(repeating: max(floor, -Float.greatestFiniteMagnitude))
        if Shape.Vector.scalarCount == LaneGroups.laneCount {
            let all = unsafeBitCast(scores, to: SIMD16<Float>.self)
            append(
                all, all .>= floors .& isOfInterest(group, groups, query),
                firstPosition: Int32(truncatingIfNeeded: group &* LaneGroups.laneCount), &hits)
            return
        }
        // The rest of the group gets a score that is never a hit.
        var whole = InlineArray<4, Shape.Vector>(repeating: Shape.Vector(repeating: -.infinity))
        whole[unchecked: part] = scores
        let all = withUnsafeBytes(of: whole) { $0.load(as: SIMD16<Float>.self) }
        append(
            all, all .>= floors .& isOfInterest(group, groups, query),
            firstPosition: Int32(truncatingIfNeeded: group &* LaneGroups.laneCount), &hits)
    }

    /// The body of the selection.
    @inlinable @inline(__always)
    public static func select(
        _ scores: UnsafePointer<SIMD16<Float>>, of groups: UnsafePointer<Int32>, count: Int, floor: Float,
        into hits: inout LaneList
    ) {
        var list = hits
        let floors = SIMD16<Float>(repeating: floor)
        for index in 0..<count {
            let isHit = scores[index] .>= floors
            if any(isHit) {
                append(scores[index], isHit, firstPosition: groups[index] &* Int32(LaneGroups.laneCount), &list)
            }
        }
        hits = list
    }

    /// The body of the search for the score that a number of clients reach: the interval in which it lies is halved.
    @inlinable @inline(__always)
    public static func score(
        reachedBy number: Int, _ scores: UnsafePointer<SIMD16<Float>>, weights: UnsafePointer<SIMD16<Int32>>, count: Int
    ) -> Float {
        var (least, most) = (SIMD16<Float>(repeating: .infinity), SIMD16<Float>(repeating: -.infinity))
        var sums = SIMD16<Int32>.zero
        let none = SIMD16<Float>(repeating: -.infinity)
        for index in 0..<count {
            let isScore = scores[index] .> none
            least.replace(with: scores[index], where: isScore .& (scores[index] .< least))
            most.replace(with: scores[index], where: scores[index] .> most)
            sums &+= SIMD16<Int32>.zero.replacing(with: weights[index], where: isScore)
        }
        guard Int(sums.wrappedSum()) >= number else { return -.infinity }
        var (low, high) = (least.min(), most.max())
        // Each step costs a few instructions for sixteen scores, and whatever lies between the result and the k-th best
        // score costs more, further on.
        for _ in 0..<12 {
            let middle = low + (high - low) / 2
            guard middle > low else { break }
            let floors = SIMD16<Float>(repeating: middle)
            sums = .zero
            for index in 0..<count {
                sums &+= SIMD16<Int32>.zero.replacing(with: weights[index], where: scores[index] .>= floors)
            }
            let sum = Int(sums.wrappedSum())
            if sum < number {
                high = middle
            } else {
                low = middle
                if sum <= number &+ number / 16 { break }
            }
        }
        return low
    }

    /// The body of the rounding.
    @inlinable @inline(__always)
    public static func round(
        _ hits: LaneList, by rule: RoundingRule, into numbers: UnsafeMutablePointer<Double>
    ) {
        let positions = hits.positions
        switch (rule.terms, rule.isRoot) {
        case (let terms?, false): round(hits, rule, numbers, term: { terms[Int(positions[$0])] }, root: { $0 })
        case (let terms?, true):
            round(hits, rule, numbers, term: { terms[Int(positions[$0])] }, root: { $0.squareRoot() })
        case (nil, false): round(hits, rule, numbers, term: { _ in 0 }, root: { $0 })
        case (nil, true): round(hits, rule, numbers, term: { _ in 0 }, root: { $0.squareRoot() })
        }
    }

    /// Rounds both ends of every interval; compilers make vectors of this loop.
    @inlinable @inline(__always)
    static func round(
        _ hits: LaneList, _ rule: RoundingRule, _ numbers: UnsafeMutablePointer<Double>,
        term: (_ hit: Int) -> Double, root: (Double) -> Double
    ) {
        // Adding it leaves no digits behind the point.
        let integersOnly = 0x1p52
        for hit in 0..<hits.count {
            let term = term(hit)
            let middle = rule.base - rule.scoreFactor * Double(hits.scores[hit]) + rule.termFactor * term
            let radius = rule.radius + rule.radiusFactor * term
            let least = root(max(0, middle - radius)) * rule.scale
            let most = root(max(0, middle + radius)) * rule.scale
            let number = (least + integersOnly) - integersOnly
            let isDecided = number == (most + integersOnly) - integersOnly && most < integersOnly
            numbers[hit] = isDecided ? number : RoundingRule.undecided
        }
    }
}
