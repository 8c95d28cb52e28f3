using PkgForge.Native;

namespace PkgForge.Server.Builds.Roots;

/// <summary>Shares of the locks of layers that are in use; they go with the process, however it ends.</summary>
internal sealed class LayerHold : IDisposable
{
    private readonly List<FileLock> shares = [];

    public void Add(FileLock share) => shares.Add(share);

    /// <summary>Lets go of all; for the way out with nothing.</summary>
    public IDisposable? Release()
    {
        Dispose();
        return null;
    }

    public void Dispose()
    {
        shares.ForEach(share => share.Dispose());
        shares.Clear();
    }
}
