namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>A folder with a page that moves, for one test.</summary>
public sealed class Workshop : IDisposable
{
    public Workshop()
    {
        Folder = Directory.CreateTempSubdirectory("orchestrator-e2e-").FullName;
        var page = Path.Combine(Folder, "page.html");
        File.WriteAllText(page, """
            <!doctype html><title>moving</title><canvas id="c" width="300" height="200"></canvas><script>
            const context = document.getElementById('c').getContext('2d');
            function frame(t) { context.fillStyle = `hsl(${t / 10 % 360},60%,50%)`; context.fillRect(t / 5 % 300, t / 9 % 200, 20, 20); performance.mark('a-frame-of-the-page'); requestAnimationFrame(frame); }
            requestAnimationFrame(frame);
            </script>
            """);
        Page = new Uri(page).AbsoluteUri;
    }

    public string Folder { get; }
    public string Page { get; }
    public string DataHome => Path.Combine(Folder, "data-home");
    public string Output => Path.Combine(Folder, "out");

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
