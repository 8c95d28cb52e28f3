using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Handlers;
using PkgForge.Yaml;

namespace PkgForge.Server.Reporting;

public sealed class MailOptions
{
    public string Server { get; init; } = "";
}

internal static class MailSection
{
    public static MailOptions? Read(YamlItem item, MailOptions? known) => new();
}

internal static class Outbox
{
    public static Task DeliverAsync(Farm farm, CancellationToken cancel) => Task.CompletedTask;
}

internal sealed record TaskDescription(
    Job Job,
    ClaimedTask Task,
    string Builder,
    string Results,
    IReadOnlyDictionary<string, BuildOutcome> Outcomes,
    BuildOutcome? Failure,
    IReadOnlyList<Product> Products
);

internal static class TaskReport
{
    public static OutgoingMail? Render(TaskDescription d) => null;
}

internal static class RejectionReport
{
    public static OutgoingMail? Render(RejectedJob job, string name, IReadOnlyList<string> to) => null;
}
