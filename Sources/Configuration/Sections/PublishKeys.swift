/// Where results are published.
package struct PublishKeys: KeySection {
    package let channel = Key(
        "publish.channel", .channel, default: "live", "Channel whose live run is replaced.")
    package let isGated = Key(
        "publish.gate", .boolean, default: false,
        "Grade every run by a backtest against popularity, and do not publish one that is worse.")
}
