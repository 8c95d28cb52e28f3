using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Web;

/// <summary>Tests in which a person is at another machine than the farm.</summary>
public abstract class FarTests : FarmTests
{
    private protected TestFarm Farm { get; private set; } = null!;

    private protected FarPerson Anna { get; private set; } = null!;

    private protected FarmProcess Server { get; private set; } = null!;

    /// <summary>Where the server serves.</summary>
    private protected string Url { get; private set; } = "";

    private protected async Task StartAsync()
    {
        Farm = await MakeFarmAsync();
        // The builder and incoming are not the server's: they go on without it.
        Farm.Start("incoming", "--daemon");
        var builder = Farm.Start("buildd", "--name", "b1", "--daemon");
        await ServeAsync("http://127.0.0.1:0");
        await builder.SaysAsync("is running");
        Anna = await FarPerson.MakeAsync(Farm, Url);
    }

    private protected async Task ServeAsync(string address)
    {
        Server = Farm.Start("serve", "--listen", address);
        await Server.SaysAsync("serving at ");
        Url = Server.ServesAt;
    }
}
