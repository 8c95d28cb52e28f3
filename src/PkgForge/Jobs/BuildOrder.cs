namespace PkgForge.Jobs;

/// <summary>In which order a task builds its sources.</summary>
public enum BuildOrder
{
    /// <summary>That of the job.</summary>
    Given,

    /// <summary>Each after those whose packages it needs to be built; for the rest, that of the job.</summary>
    Deps,
}

/// <summary>The words for orders, as they stand in manifests and on the command line.</summary>
public static class BuildOrders
{
    /// <summary>The word for an order.</summary>
    public static string Name(this BuildOrder order) => order == BuildOrder.Deps ? "deps" : "given";
}
