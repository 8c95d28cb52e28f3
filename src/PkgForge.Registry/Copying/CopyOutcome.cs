namespace PkgForge.Registry.Copying;

/// <summary>What became of a copy.</summary>
/// <param name="Tables">How many rows were copied, by table.</param>
/// <param name="Refusal">Why nothing was copied, for a person; null when all was.</param>
/// <param name="Findings">Rows of the copy that contradict each other: as in the source. See <see cref="IRegistry.CheckAsync"/>.</param>
public sealed record CopyOutcome(IReadOnlyList<TableCount> Tables, string? Refusal, IReadOnlyList<string> Findings);

/// <summary>A table and the number of its rows.</summary>
public sealed record TableCount(string Table, long Rows);
