namespace PkgForge.Server.Builds.Roots;

/// <summary>A layer that the top of a session is to become.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Part">Which part of the top it is.</param>
public sealed record NewLayer(string Name, LayerPart Part)
{
    /// <summary>The layer under it; null if that is a base.</summary>
    public string? Below { get; init; }

    /// <summary>What is noted of it, by words; see <see cref="LayerStore.ReadNote"/>. It is there from the layer's first moment on.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();
}
