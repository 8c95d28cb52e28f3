using PkgForge.Sources;

namespace PkgForge.Registry.Sql;

/// <summary>
/// The numbers of table <c>state</c> and of column <c>outcome</c> as they stand in statements. They are text in the statement, not parameters: only so
/// can the databases use the partial indexes on live states. A test compares them with the enums.
/// </summary>
internal static class States
{
    public const string Invalid = "2";
    public const string Registered = "3";
    public const string JobBuilding = "4";
    public const string Successful = "5";
    public const string JobFailed = "6";
    public const string PartiallyFailed = "7";
    public const string JobCancelled = "8";

    public const string Waiting = "11";
    public const string Building = "12";
    public const string Success = "13";
    public const string Fail = "14";
    public const string Cancelled = "15";

    public const string Succeeded = "1";
    public const string Failed = "2";

    /// <summary>The outcome of the attempt whose products are the task's.</summary>
    public const string Accepted = "1";
    public const string Lost = "5";
    public const string FarmFault = "6";

    /// <summary>A format as it stands in table <c>platform</c>.</summary>
    public static string Name(this PackageFormat format) =>
        format switch
        {
            PackageFormat.Debian => "debian",
            PackageFormat.Rpm => "rpm",
            PackageFormat.Dummy => "dummy",
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such format"),
        };

    public static PackageFormat Format(string name) =>
        name switch
        {
            "debian" => PackageFormat.Debian,
            "rpm" => PackageFormat.Rpm,
            "dummy" => PackageFormat.Dummy,
            _ => throw new RegistrySchemaException(
                $"the registry has a platform of format '{name}', which this program does not know: it is older than the registry"
            ),
        };

    /// <summary>What an attempt came to that ended a task in this state.</summary>
    public static AttemptOutcome Outcome(this BuildTaskState state) =>
        state switch
        {
            BuildTaskState.Success => AttemptOutcome.Success,
            BuildTaskState.Fail => AttemptOutcome.Fail,
            BuildTaskState.Cancelled => AttemptOutcome.Cancelled,
            _ => throw new ArgumentOutOfRangeException(
                nameof(state),
                state,
                "a task ends in success, fail or cancelled"
            ),
        };
}
